/**
 * One table of every public operation that takes a matrix, and the proof of each that it writes
 * rows × columns of a view and nothing before, between or behind them.
 *
 * <p>To add an operation: an entry in the part of the table that it belongs to. {@link
 * dev.krongauss.views.ViewsTest} fails without one, and says so.
 */
package dev.krongauss.views;
