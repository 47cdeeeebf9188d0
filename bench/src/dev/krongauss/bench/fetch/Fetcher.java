package dev.krongauss.bench.fetch;

import dev.krongauss.bench.fetch.DataFile.Form;
import dev.krongauss.bench.fetch.DataFile.Mirror;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Brings one file after the other into its folder: whole and right, or not at all. */
final class Fetcher {
  private final Download download;
  private final Consumer<String> say;

  Fetcher(Download download, Consumer<String> say) {
    this.download = download;
    this.say = say;
  }

  /**
   * Brings a file; one that is there and right is left alone.
   *
   * @throws FetchException if no mirror gives it; the message says of each why
   * @throws IOException if the disk fails
   */
  void fetch(DataFile file, Path folder) throws IOException, InterruptedException {
    Path target = folder.resolve(file.name());
    Files.createDirectories(folder);
    if (Files.exists(target)) {
      String wrong = file.wrong(target);
      if (wrong == null) {
        say.accept("%s is there, with the right checksum".formatted(target));
        return;
      }
      say.accept("%s is not the wanted file (%s); it is replaced".formatted(target, wrong));
    }
    List<String> failures = new ArrayList<>();
    for (Mirror mirror : file.mirrors()) {
      say.accept("%s from %s".formatted(file.name(), mirror.uri()));
      try {
        fetch(file, mirror, target);
        say.accept("  done: %s, %,d bytes".formatted(target, Files.size(target)));
        removeParts(file, target);
        return;
      } catch (FetchException e) {
        say.accept("  failed: " + e.getMessage());
        failures.add("  %s: %s".formatted(mirror.uri(), e.getMessage()));
      }
    }
    throw new FetchException(
        ("%s could not be fetched:%n%s%n  Try again later (what came is kept), name another folder"
                + " with --mirror URL, or put the file there by hand: %s")
            .formatted(file.name(), String.join("%n".formatted(), failures), file.checksums()));
  }

  private void fetch(DataFile file, Mirror mirror, Path target)
      throws IOException, InterruptedException {
    try (Part part = Part.open(part(file, mirror, target))) {
      boolean begunBefore = part.isOf(mirror.uri().toString());
      try {
        take(file, mirror, part, target);
      } catch (OtherFileException e) {
        if (!begunBefore) {
          throw e;
        }
        say.accept("  what was kept of an earlier attempt belongs to another file; once more");
        take(file, mirror, part, target);
      }
    }
  }

  /** Gets the file and puts it in its place, if it is the wanted one; the part is used up. */
  private void take(DataFile file, Mirror mirror, Part part, Path target)
      throws IOException, InterruptedException {
    String label =
        download.get(
            mirror.uri(),
            part,
            file.limit(),
            () -> mirror.form() == Form.AS_IS && file.wrong(part.file()) == null);
    Path made = target.resolveSibling(file.name() + ".new");
    try {
      if (mirror.form() == Form.MAT) {
        Olivetti.convert(part.file(), made);
      } else {
        Files.copy(part.file(), made, StandardCopyOption.REPLACE_EXISTING);
      }
      String wrong = Packing.undo(file, made);
      if (wrong != null) {
        throw new OtherFileException("another file: " + wrong + label);
      }
      sync(made, StandardOpenOption.WRITE);
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
      sync(target.toAbsolutePath().getParent(), StandardOpenOption.READ); // the rename itself
    } finally {
      Files.deleteIfExists(made); // there only if something failed
      part.clear(); // used, or wrong
    }
  }

  private static Path part(DataFile file, Mirror mirror, Path target) {
    String comes = mirror.form() == Form.MAT ? "olivettifaces.mat" : file.name();
    return target.resolveSibling(comes + ".part");
  }

  /** What other mirrors left unfinished. */
  private static void removeParts(DataFile file, Path target) throws IOException {
    for (Mirror mirror : file.mirrors()) {
      Path part = part(file, mirror, target);
      if (Files.exists(part)) {
        try (Part unfinished = Part.open(part)) {
          unfinished.delete();
        }
      }
    }
  }

  private static void sync(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** What came is not the wanted file. */
  private static final class OtherFileException extends FetchException {
    private static final long serialVersionUID = 1L;

    OtherFileException(String message) {
      super(message);
    }
  }
}
