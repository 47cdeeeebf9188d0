#!/usr/bin/env bash
# JUnit 6.1.3: @CsvSource refuses a column that begins with a quoted word and goes on behind it ('a' is wrong), and with it the whole test method
# ends in CsvParsingException; 5.13.4 takes such a column, quotes and all. The parser behind the annotation is another one since 6.0.
# Another quoteCharacter gives the old reading.
# Source: CsvReaderFactory and CsvArgumentsProvider of junit-jupiter-params; release notes of 6.0.
. "$(dirname "$0")/common.sh"
mkdir src classes
cat >src/Quoted.java <<'JAVA'
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Quoted {
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = "x | 'a' is wrong")
  void asItIs(String name, String text) {
    System.out.print("taken: " + text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = "x | 'a' is wrong")
  void withAnotherQuote(String name, String text) {
    System.out.print("taken: " + text);
  }
}
JAVA
cat >src/Run.java <<'JAVA'
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

public class Run {
  public static void main(String[] arguments) {
    for (String method : arguments) {
      LauncherFactory.create()
          .execute(
              LauncherDiscoveryRequestBuilder.request()
                  .selectors(DiscoverySelectors.selectMethod("Quoted#" + method + "(java.lang.String,java.lang.String)"))
                  .build(),
              new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                  result.getThrowable().ifPresent(e -> System.out.print(e.getClass().getSimpleName()));
                }
              });
      System.out.print("; ");
    }
  }
}
JAVA

# JUPITER PLATFORM : what the two methods give with these versions.
run() (
  place=$place/$1
  jars "org.junit.jupiter:junit-jupiter-api:$1" "org.junit.jupiter:junit-jupiter-params:$1" "org.junit.jupiter:junit-jupiter-engine:$1" \
    "org.junit.platform:junit-platform-engine:$2" "org.junit.platform:junit-platform-commons:$2" "org.junit.platform:junit-platform-launcher:$2" \
    org.opentest4j:opentest4j:1.3.0 org.apiguardian:apiguardian-api:1.1.2 org.jspecify:jspecify:1.0.0
  javac -d "$place/classes" -cp "$jars" src/*.java
  java -cp "$place/classes:$jars" Run asItIs withAnotherQuote 2>/dev/null
)
five=$(run 5.13.4 1.13.4)
six=$(run 6.1.3 6.1.3)
same "the column 'a' is wrong, 5.13.4: with the default quote; with another" "taken: 'a' is wrong; taken: 'a' is wrong; " "taken: 'a' is wrong; taken: 'a' is wrong; " "$five"
same "the same, 6.1.3" "taken: 'a' is wrong; taken: 'a' is wrong; " "CsvParsingException; taken: 'a' is wrong; " "$six"
