package dev.krongauss.bench.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.data.Idx;
import dev.krongauss.data.Mnist;
import dev.krongauss.data.RealData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command from its options to files that the other commands read. */
final class FetchCommandTest {
  private static final String OLIVETTI = "faces/olivetti-images-idx3-ubyte.gz";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  @Test
  void bringsMnistFromAMirror() throws IOException {
    for (DataFile file : DataSet.MNIST.files()) {
      RealData.folderWith("mnist/" + file.name());
    }
    Path real = RealData.folderWith("mnist/train-images-idx3-ubyte.gz").resolve("mnist");
    try (FetchServer server = new FetchServer()) {
      server.then(
          request -> {
            String name = request.getRequestURI().getPath().replace("/mnist/", "");
            FetchServer.whole(Files.readAllBytes(real.resolve(name))).to(request);
          });
      String mirror = server.uri("mnist").toString();
      assertThat(run("mnist", "--data-dir", folder.toString(), "--mirror", mirror)).isZero();
      assertThat(server.requests()).hasSize(4);
      assertThat(run("MNIST", "--data-dir", folder.toString(), "--mirror", mirror)).isZero();
      assertThat(server.requests()).isEmpty();
    }
    assertThat(Mnist.test(folder).size()).isEqualTo(10_000);
    assertThat(err.toString()).isEmpty();
  }

  /** Over a MAT-file made from the real images, which the mirror does not have as IDX. */
  @Test
  void bringsFacesFromAMatFile() throws IOException {
    Path real = RealData.folderWith(OLIVETTI).resolve(OLIVETTI);
    byte[] mat = olivettiMat(Idx.read(real, 400, 64, 64));
    try (FetchServer server = new FetchServer()) {
      server.then(FetchServer.status(404), FetchServer.file(mat, "\"mat\""));
      String mirror = server.uri("data/").toString();
      assertThat(run("faces", "--data-dir", folder.toString(), "--mirror", mirror)).isZero();
      assertThat(server.requests())
          .containsExactly(
              "/data/olivetti-images-idx3-ubyte.gz null null", "/data/olivettifaces.mat null null");
    }
    Path fetched = folder.resolve(OLIVETTI);
    assertThat(Idx.read(fetched).floats(0, 400, 1)).isEqualTo(Idx.read(real).floats(0, 400, 1));
    assertThat(fetched.getParent().toFile().list()).containsExactly(fetched.toFile().getName());
  }

  /** Array u before it, compressed, as MATLAB may write it. */
  private static byte[] olivettiMat(Idx images) throws IOException {
    byte[] values = new byte[400 * 4096];
    for (int image = 0; image < 400; image++) {
      for (int row = 0; row < 64; row++) {
        for (int column = 0; column < 64; column++) {
          values[image * 4096 + column * 64 + row] = (byte) images.value(image, row * 64 + column);
        }
      }
    }
    MatFiles write = new MatFiles(ByteOrder.LITTLE_ENDIAN);
    return write.file(
        write.array("u", new byte[40], 4, 10),
        write.compressed(write.array("faces", values, 4096, 400)));
  }

  @Test
  void wrongOptionsAreSaid() {
    assertThat(run("cifar", "--data-dir", folder.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("cifar", "mnist, faces");
    for (String mirror : new String[] {"ftp://host/x", "mirror.example/data", "http:/x"}) {
      assertThat(run("mnist", "--data-dir", folder.toString(), "--mirror", mirror)).isEqualTo(2);
      assertThat(err.toString())
          .contains("--mirror " + mirror, "such as https://mirror.example/data/");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theHelpNamesMirrorsAndTerms() {
    assertThat(run("--help")).isZero();
    String help = out.toString().replaceAll("\\s", ""); // wherever lines are broken
    assertThat(help).contains("nevertriedonthesemirrors", "CCBY-SA3.0", "AT&TLaboratories");
    DataSet.MNIST.files().get(0).mirrors().stream()
        .map(mirror -> mirror.uri().getHost())
        .forEach(host -> assertThat(help).contains(host));
  }

  private int run(String... arguments) {
    CommandLine command = Fetch.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
