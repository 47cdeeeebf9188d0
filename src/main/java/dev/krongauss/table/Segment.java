package dev.krongauss.table;

/**
 * Rows of a file that can be read on their own.
 *
 * @param offset of the first byte, behind a byte order mark
 * @param length in bytes
 * @param firstRow number of the first row
 * @param rows how many
 * @param linesBefore line ends before it
 */
record Segment(long offset, long length, int firstRow, int rows, long linesBefore) {}
