package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.ForeignFunction;
import dev.krongauss.device.ForeignFunction.Type;
import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.util.List;

/** The functions of NCCL that are used, each with its result checked, in the device's context. */
final class NcclCalls {
  /** Names the library, as {@code dlopen} takes it. */
  static final String PROPERTY = "krongauss.nccl";

  /** Bytes of an ncclUniqueId. */
  static final int ID_BYTES = 128;

  private static final int INT8 = 0;
  private static final int INT32 = 2;
  private static final int FLOAT32 = 7;
  private static final int SUM = 0;

  private final Device device;
  private final ForeignLibrary library;
  private final ForeignFunction groupStart;
  private final ForeignFunction groupEnd;
  private final ForeignFunction send;
  private final ForeignFunction receive;
  private final ForeignFunction broadcast;
  private final ForeignFunction allReduce;
  private final ForeignFunction asyncError;
  private final ForeignFunction errorString;
  private final ForeignFunction lastError;
  private final int version;

  /** SoftCUDA brings one of its own, loaded with it. */
  NcclCalls(Device device) {
    this.device = device;
    library =
        ForeignLibrary.open(
            "NCCL",
            List.of(System.getProperty(PROPERTY, "libnccl.so.2")),
            "install NVIDIA's NCCL (libnccl2), or name the library with -D"
                + PROPERTY
                + "=/path/to/libnccl.so.2");
    groupStart = library.function("ncclGroupStart");
    groupEnd = library.function("ncclGroupEnd");
    send = message("ncclSend");
    receive = message("ncclRecv");
    broadcast = collective("ncclBroadcast");
    allReduce = collective("ncclAllReduce");
    asyncError = library.function("ncclCommGetAsyncError", Type.WORD, Type.WORD);
    errorString = library.function("ncclGetErrorString", Type.INT);
    lastError = library.function("ncclGetLastError", Type.WORD);
    version = askVersion();
  }

  /** Buffer, count, type, peer, communicator, stream. */
  private ForeignFunction message(String name) {
    return library.function(name, Type.WORD, Type.WORD, Type.INT, Type.INT, Type.WORD, Type.WORD);
  }

  /** From, to, count, type, root or operation, communicator, stream. */
  private ForeignFunction collective(String name) {
    return library.function(
        name, Type.WORD, Type.WORD, Type.WORD, Type.INT, Type.INT, Type.WORD, Type.WORD);
  }

  private int askVersion() {
    ByteBuffer number = MpiCalls.direct(8);
    check(
        library.function("ncclGetVersion", Type.WORD).call(ForeignLibrary.addressOf(number)),
        0,
        "ncclGetVersion");
    return number.getInt(0);
  }

  /** As "NCCL 2.28.3". */
  String version() {
    return "NCCL " + version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }

  byte[] newId() {
    ByteBuffer id = MpiCalls.direct(ID_BYTES);
    check(
        library.function("ncclGetUniqueId", Type.WORD).call(ForeignLibrary.addressOf(id)),
        0,
        "ncclGetUniqueId");
    byte[] bytes = new byte[ID_BYTES];
    id.get(0, bytes);
    return bytes;
  }

  /** Waits for the other ranks; the communicator. */
  long join(byte[] id, int rank, int size) {
    Check.that(id.length == ID_BYTES, "an id of %d bytes; NCCL's has %d", id.length, ID_BYTES);
    ByteBuffer bytes = MpiCalls.direct(ID_BYTES).put(0, id);
    ByteBuffer handle = MpiCalls.direct(8);
    ForeignFunction join =
        library.function("ncclCommInitRank", Type.WORD, Type.INT, Type.BYTES_128, Type.INT);
    int result =
        device.inContext(
            () ->
                join.call(
                    ForeignLibrary.addressOf(handle), size, ForeignLibrary.addressOf(bytes), rank));
    check(result, 0, "ncclCommInitRank");
    return handle.getLong(0);
  }

  /** Sends and receives at once. */
  void exchange(
      long communicator,
      long from,
      long sentBytes,
      long to,
      long receivedBytes,
      int peer,
      long stream) {
    inContext(
        communicator,
        "ncclSend and ncclRecv",
        () -> {
          int result = groupStart.call();
          int sent =
              sentBytes == 0 ? 0 : send.call(from, sentBytes, INT8, peer, communicator, stream);
          int received =
              receivedBytes == 0
                  ? 0
                  : receive.call(to, receivedBytes, INT8, peer, communicator, stream);
          int ended = groupEnd.call();
          return result != 0 ? result : sent != 0 ? sent : received != 0 ? received : ended;
        });
  }

  void broadcast(long communicator, long address, long bytes, int root, long stream) {
    inContext(
        communicator,
        "ncclBroadcast",
        () -> broadcast.call(address, address, bytes, INT8, root, communicator, stream));
  }

  /** Of ints, in place. */
  void sum(long communicator, long address, long count, long stream) {
    inContext(
        communicator,
        "ncclAllReduce",
        () -> allReduce.call(address, address, count, INT32, SUM, communicator, stream));
  }

  /** Of floats, in place. */
  void sumFloats(long communicator, long address, long count, long stream) {
    inContext(
        communicator,
        "ncclAllReduce",
        () -> allReduce.call(address, address, count, FLOAT32, SUM, communicator, stream));
  }

  private void inContext(
      long communicator, String what, java.util.function.Supplier<Integer> call) {
    check(device.inContext(call), communicator, what);
  }

  /** What has failed since, in the background; empty if nothing has. */
  String failure(long communicator) {
    ByteBuffer result = MpiCalls.direct(8);
    check(
        asyncError.call(communicator, ForeignLibrary.addressOf(result)),
        communicator,
        "ncclCommGetAsyncError");
    int code = result.getInt(0);
    return code == 0 || code == IN_PROGRESS ? "" : text(code, communicator);
  }

  private static final int IN_PROGRESS = 7;

  void leave(long communicator) {
    end("ncclCommDestroy", communicator);
  }

  /** From any thread: what runs ends, with an error. */
  void abort(long communicator) {
    end("ncclCommAbort", communicator);
  }

  private void end(String name, long communicator) {
    ForeignFunction end = library.function(name, Type.WORD);
    check(device.inContext(() -> end.call(communicator)), 0, name);
  }

  private void check(int code, long communicator, String what) {
    if (code != 0) {
      throw new CollectiveException(what + " failed: " + text(code, communicator));
    }
  }

  private String text(int code, long communicator) {
    String detail = ForeignLibrary.text(lastError.callWord(communicator));
    String kind = ForeignLibrary.text(errorString.callWord(code));
    return detail.isEmpty() ? kind + " (" + code + ")" : detail + " (" + kind + ")";
  }
}
