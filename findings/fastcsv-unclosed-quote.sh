#!/usr/bin/env bash
# FastCSV 4.4.0: a quote that is never closed is no error unless asked for. The rest of the file becomes one field, line ends and all,
# so that a file of three lines is read as one short record; allowUnclosedQuote(false) refuses it.
# Source: seen; CsvReader.CsvReaderBuilder.allowUnclosedQuote.
. "$(dirname "$0")/common.sh"
jars de.siegmar:fastcsv:4.4.0
cat >Read.java <<'JAVA'
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;

public class Read {
  public static void main(String[] arguments) {
    String text = "\"1,2\n3,4\n5,6\n";
    System.out.print("by default");
    for (var row : CsvReader.builder().ofCsvRecord(text)) {
      System.out.print(", a record of " + row.getFieldCount() + " fields, the first of " + row.getField(0).length() + " characters");
    }
    try {
      System.out.print("; asked for, records " + CsvReader.builder().allowUnclosedQuote(false).ofCsvRecord(text).stream().count());
    } catch (CsvParseException e) {
      System.out.print("; asked for, refused");
    }
  }
}
JAVA
seen=$(java -cp "$jars" Read.java)
same "three rows of two fields, the first of which begins with a quote that is never closed" \
  "by default refused" "by default, a record of 1 fields, the first of 12 characters; asked for, refused" "$seen"
