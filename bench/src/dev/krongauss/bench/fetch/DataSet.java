package dev.krongauss.bench.fetch;

import dev.krongauss.bench.fetch.DataFile.Form;
import dev.krongauss.bench.fetch.DataFile.Mirror;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The data sets, their files, public mirrors and checksums. */
enum DataSet {
  /** Checked by the published MD5 sums, and by SHA-256, which no one can forge. */
  MNIST {
    @Override
    List<DataFile> files() {
      return List.of(
          mnist(
              "train-images-idx3-ubyte.gz",
              9_912_422,
              "f68b3c2dcbeaaa9fbdd348bbdeb94873",
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
          mnist(
              "train-labels-idx1-ubyte.gz",
              28_881,
              "d53e105ee54ea40749a09fcbcd1e9432",
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
          mnist(
              "t10k-images-idx3-ubyte.gz",
              1_648_877,
              "9fb629c4189551a2d022fa330f9573f3",
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
          mnist(
              "t10k-labels-idx1-ubyte.gz",
              4_542,
              "ec29112dd5afa0611ce80d1b7f02629c",
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"));
    }

    @Override
    Stream<Mirror> at(URI folder, String name) {
      return Stream.of(new Mirror(folder.resolve(name), Form.AS_IS));
    }
  },
  /** Public copies are MATLAB files, so that what they hold is checked, not their bytes. */
  FACES {
    @Override
    List<DataFile> files() {
      return List.of(
          new DataFile(
              "olivetti-images-idx3-ubyte.gz",
              List.of(
                  new Checksum(
                      SHA_256,
                      "139db5ade073e030ff543fe74df478b29cff6e9da9a50bf1e0c9a29f0d2f114d",
                      true)),
              OLIVETTI_LIMIT,
              Stream.of(
                      "https://ndownloader.figshare.com/files/5976027",
                      "https://cs.nyu.edu/~roweis/data/" + OLIVETTI_MAT,
                      "https://raw.githubusercontent.com/sjgershm/DBM/"
                          + "f2c3daacb880342847ed24283fb5a753c006b5d6/"
                          + OLIVETTI_MAT)
                  .map(uri -> new Mirror(URI.create(uri), Form.MAT))
                  .toList()));
    }

    @Override
    Stream<Mirror> at(URI folder, String name) {
      return Stream.of(
          new Mirror(folder.resolve(name), Form.AS_IS),
          new Mirror(folder.resolve(OLIVETTI_MAT), Form.MAT));
    }
  };

  private static final String SHA_256 = "SHA-256";
  private static final String OLIVETTI_MAT = "olivettifaces.mat";

  /** Copies have about 4 MB. */
  private static final long OLIVETTI_LIMIT = 32 << 20;

  private static final List<URI> MNIST_FOLDERS =
      List.of(
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"));

  /** Its files with their public mirrors. */
  abstract List<DataFile> files();

  /** Where a file may be within a folder of the user's. */
  abstract Stream<Mirror> at(URI folder, String name);

  /** Its files, to be looked for in folders of the user's first. */
  List<DataFile> files(List<URI> folders) {
    return files().stream()
        .map(file -> file.preferring(folders.stream().flatMap(f -> at(f, file.name())).toList()))
        .toList();
  }

  /** The folder's name, and the argument's. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static DataFile mnist(String name, long bytes, String md5, String sha256) {
    return new DataFile(
        name,
        List.of(new Checksum("MD5", md5, false), new Checksum(SHA_256, sha256, false)),
        bytes,
        MNIST_FOLDERS.stream().map(f -> new Mirror(f.resolve(name), Form.AS_IS)).toList());
  }
}
