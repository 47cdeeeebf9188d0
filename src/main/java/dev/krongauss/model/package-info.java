/** What the optimisers ask of a network, a loss and a batch: interfaces only. */
package dev.krongauss.model;
