/** What training on several ranks costs beside one, and what it sends. */
package dev.krongauss.bench.ranks;
