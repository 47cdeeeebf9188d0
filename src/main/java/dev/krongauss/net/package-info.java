/** The built-in implementation of {@link dev.krongauss.model}: dense networks and their losses. */
package dev.krongauss.net;
