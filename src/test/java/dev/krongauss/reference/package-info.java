/**
 * The whole update written a second time: in double precision, one datapoint at a time, as the
 * formulas stand on paper.
 *
 * <p>It shares nothing with the code under test, not even a constant, so that a mistake cannot be
 * made twice; an architecture rule holds that. It is slow on purpose: where the choice was between
 * a faster formula and the definition, it is the definition. {@code ReferenceTest} checks it
 * against finite differences.
 *
 * <p>Letters and shapes are those of {@link dev.krongauss}; layers count from 0 here.
 */
package dev.krongauss.reference;
