package dev.krongauss.io;

import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The state of a run in one safetensors file.
 *
 * <p>A file is written whole or not at all ({@link WholeFile}). Checksums of the tensors and of the
 * texts stand in the head, so that a damaged file is told from a good one. They do not depend on
 * the order of either: a file that another program has read and written again is as good, and one
 * in which it changed a value is taken by {@link #loadChanged} only. Tensors of any size go through
 * a few MiB of the heap.
 */
public final class Checkpoint {
  /** The first one, with one checksum over the file as it was written, is still read. */
  private static final String FIRST_VERSION = "1";

  private static final String VERSION = "2";

  /**
   * Spaces behind the head, beyond those that align it. No program that writes the head anew leaves
   * so many, which tells a change by another program from damage.
   */
  static final int MARK = 8;

  private static final String WHAT = "checkpoint";
  private static final int SHOWN_CHANGES = 6;

  private Checkpoint() {}

  /**
   * Writes the state of parts, waiting for the device.
   *
   * @param file replaced if it is there
   * @param stream on which the parts' work was enqueued
   * @param parts by name, for instance weights, optimizer, batches
   * @throws IllegalArgumentException for a part's name that the format keeps for itself
   * @throws IOException if the file cannot be written; an older one is then still whole
   */
  public static void save(Path file, Stream stream, Map<String, Resumable> parts)
      throws IOException {
    save(file, stream, parts, Parts.USUAL);
  }

  /** With other parts of tensors, for tests. */
  static void save(Path file, Stream stream, Map<String, Resumable> parts, Parts sizes)
      throws IOException {
    CheckpointWriter writer = new CheckpointWriter(sizes);
    parts.forEach((name, part) -> part.exchange(writer.of(checked(name))));
    Map<String, String> about = new LinkedHashMap<>();
    about.put(Sums.FORMAT, VERSION);
    about.put(Sums.HEAD, Sums.NONE);
    writer.tensors().forEach(each -> about.put(Sums.ofTensor(each.name()), Sums.NONE));
    about.putAll(writer.texts());
    WholeFile.replace(file, channel -> write(channel, about, writer, stream));
  }

  /** The head is written twice: its checksums are known only behind the tensors. */
  private static void write(
      FileChannel channel, Map<String, String> about, CheckpointWriter writer, Stream stream)
      throws IOException {
    Safetensors head = new Safetensors(about, writer.tensors());
    WholeFile.write(channel, ByteBuffer.wrap(head.head(MARK)));
    for (int k = 0; k < head.tensors().size(); k++) {
      CRC32C sum = new CRC32C();
      writer
          .contents()
          .get(k)
          .forEach(
              stream,
              values -> {
                ByteBuffer bytes =
                    ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                sum.update(bytes.duplicate());
                WholeFile.write(channel, bytes);
              });
      about.put(Sums.ofTensor(head.tensors().get(k).name()), Sums.shown(sum));
    }
    about.put(Sums.HEAD, Sums.ofHead(head));
    channel.position(0);
    WholeFile.write(channel, ByteBuffer.wrap(head.head(MARK)));
  }

  /**
   * Puts the state of parts back, waiting for the device. Nothing is changed unless all of the file
   * fits, and all its values are those that were saved.
   *
   * @param parts as they were given to {@link #save}, with the same settings
   * @throws CheckpointException if there is no such file, it is none, is damaged, another program
   *     changed a value, or it does not fit
   */
  public static void load(Path file, Stream stream, Map<String, Resumable> parts)
      throws IOException {
    load(file, stream, parts, Parts.USUAL, false);
  }

  /**
   * The same for a file in which another program has changed values on purpose: checksums are not
   * looked at, so that damage is not seen either. Names, types, shapes and settings must still fit.
   *
   * @throws CheckpointException if there is no such file, it is none, or does not fit
   */
  public static void loadChanged(Path file, Stream stream, Map<String, Resumable> parts)
      throws IOException {
    load(file, stream, parts, Parts.USUAL, true);
  }

  /** With other parts of tensors, for tests. */
  static void load(
      Path file, Stream stream, Map<String, Resumable> parts, Parts sizes, boolean changed)
      throws IOException {
    try (FileChannel channel = TensorFile.channel(file, WHAT)) {
      byte[] spelled = Safetensors.readHead(file, channel, WHAT);
      Safetensors head = Safetensors.read(file, channel, spelled);
      checkFormat(file, head);
      CheckpointReader reader =
          new CheckpointReader(file, channel, head, spelled.length, stream, sizes);
      List<String> changes = changed ? List.of() : changes(file, channel, head, spelled, parts);
      if (!changes.isEmpty()) {
        throw changedSince(file, head, spelled, changes, misfit(reader, parts));
      }
      look(reader, parts);
      reader.take();
      parts.forEach((name, part) -> part.exchange(reader.of(name)));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          "checkpoint %s does not fit: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The walk that changes nothing. */
  private static void look(CheckpointReader reader, Map<String, Resumable> parts) {
    parts.forEach((name, part) -> part.exchange(reader.of(name)));
    reader.lookedAtAll();
  }

  /** Why a file would not fit, whatever its values; empty if it would. */
  private static Optional<String> misfit(CheckpointReader reader, Map<String, Resumable> parts) {
    try {
      look(reader, parts);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage());
    }
  }

  /**
   * The texts and numbers of a checkpoint, by part and name as in {@code batches.position}.
   *
   * @throws CheckpointException if there is no such file, or it is none
   */
  public static Map<String, String> texts(Path file) throws IOException {
    try (FileChannel channel = TensorFile.channel(file, WHAT)) {
      Safetensors head = Safetensors.read(file, channel, Safetensors.readHead(file, channel, WHAT));
      checkFormat(file, head);
      Map<String, String> texts = new LinkedHashMap<>(head.about());
      texts.keySet().removeIf(name -> !Sums.isOfPart(name));
      return texts;
    }
  }

  private static String checked(String part) {
    if ((part + ".").startsWith(Sums.OWN)) {
      throw new IllegalArgumentException(
          "a part is named '%s', where the format keeps its own texts; choose another name"
              .formatted(part));
    }
    return part;
  }

  private static void checkFormat(Path file, Safetensors head) throws CheckpointException {
    String version = head.about().get(Sums.FORMAT);
    if (head.about().containsKey(Sums.MODEL)) {
      throw new CheckpointException(
          "%s is a model file, without the state of a run; Network.load(device, file) reads it"
              .formatted(file));
    }
    if (version == null) {
      throw new CheckpointException(
          ("%s is a safetensors file, but no checkpoint of this library: its metadata have no '%s';"
                  + " a program that writes a checkpoint again must keep all of them")
              .formatted(file, Sums.FORMAT));
    }
    if (!version.equals(VERSION) && !version.equals(FIRST_VERSION)) {
      throw new CheckpointException(
          "%s has checkpoint format %s, this library reads %s and %s"
              .formatted(file, version, FIRST_VERSION, VERSION));
    }
  }

  private static List<String> changes(
      Path file,
      FileChannel channel,
      Safetensors head,
      byte[] spelled,
      Map<String, Resumable> parts)
      throws IOException {
    return isFirst(head)
        ? new FormerFormat(file, channel, head, spelled.length).changes(parts)
        : Sums.changes(file, channel, head, spelled.length);
  }

  private static boolean isFirst(Safetensors head) {
    return head.about().get(Sums.FORMAT).equals(FIRST_VERSION);
  }

  /** What to say of a file whose sums are others; the way out is one only where the file fits. */
  private static CheckpointException changedSince(
      Path file, Safetensors head, byte[] spelled, List<String> changes, Optional<String> misfit)
      throws CheckpointException {
    String all = String.join("; ", changes.subList(0, Math.min(SHOWN_CHANGES, changes.size())));
    if (changes.size() > SHOWN_CHANGES) {
      all += "; and %d more".formatted(changes.size() - SHOWN_CHANGES);
    }
    boolean own = isFirst(head) ? FormerFormat.wrote(head, spelled) : head.isSpelled(spelled, MARK);
    String what =
        own
            ? "is damaged"
            : "was written by another program since it was saved, and values were changed"
                + (isFirst(head) ? ", or other parts were saved" : "");
    String way =
        misfit
            .map(why -> "nor does it fit: " + why)
            .orElse(
                (own ? "if a program has changed it in place on purpose" : "if that was on purpose")
                    + ", Checkpoint.loadChanged takes it as it is");
    return new CheckpointException("%s %s: %s; %s".formatted(file, what, all, way));
  }
}
