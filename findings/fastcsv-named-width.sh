#!/usr/bin/env bash
# FastCSV 4.1.0: fields a record are compared with the first *record*, not with the header. A file whose rows are all a field short of
# its header is read without a word by ofNamedCsvRecord; the missing column is empty in every row. Only a row that differs from the first row is refused.
# Source: CsvReader's check of the field count.
. "$(dirname "$0")/common.sh"
jars de.siegmar:fastcsv:4.1.0
cat >Read.java <<'JAVA'
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;

public class Read {
  public static void main(String[] arguments) {
    for (String rows : new String[] {"1,2\n3,4\n", "1,2,3\n4,5\n"}) {
      try {
        for (var row : CsvReader.builder().ofNamedCsvRecord("a,b,c\n" + rows)) {
          System.out.print(row.getFieldCount() + " fields, c " + row.findField("c").orElse("missing") + "; ");
        }
      } catch (CsvParseException e) {
        System.out.print("refused; ");
      }
    }
  }
}
JAVA
seen=$(java -cp "$jars" Read.java)
same "header a,b,c above rows of two fields; then above a row of three and one of two" \
  "refused; 3 fields, c 3; refused; " "2 fields, c missing; 2 fields, c missing; 3 fields, c 3; refused; " "$seen"
