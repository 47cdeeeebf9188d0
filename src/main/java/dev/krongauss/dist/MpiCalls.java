package dev.krongauss.dist;

import dev.krongauss.device.ForeignFunction;
import dev.krongauss.device.ForeignFunction.Type;
import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The functions of MPI that are used, each with its result checked. */
final class MpiCalls {
  /** More than MPI_MAX_LIBRARY_VERSION_STRING of any interface, which is 8192 at most. */
  private static final int TEXT_BYTES = 1 << 14;

  /** More than an MPI_Status of any interface, which has 20 to 32 bytes. */
  private static final int STATUS_BYTES = 64;

  /** Of messages that carry what calls were given. */
  static final int DATA = 0;

  /** Of those that tell others what a rank waits in. */
  static final int TOLD = 1;

  /** Of those that say what comes, ahead of it. */
  static final int LABELS = 2;

  private final ForeignLibrary library;
  private final MpiAbi abi;
  private final String version;
  private final long world;
  private final long bytes;
  private final ForeignFunction errorString;
  private final ForeignFunction initialise;
  private final ForeignFunction isend;
  private final ForeignFunction irecv;
  private final ForeignFunction test;
  private final ForeignFunction getCount;
  private final ForeignFunction iprobe;
  private final ForeignFunction ibcast;
  private final ForeignFunction iallgather;
  private final ForeignFunction iallreduce;
  private final ByteBuffer scratch = direct(TEXT_BYTES);
  private final long out = ForeignLibrary.addressOf(scratch);

  /** One operation under way. */
  final class Request {
    /** The handle, an int or a pointer, then a flag, then a status. */
    private final ByteBuffer memory = direct(16 + STATUS_BYTES);

    private final long address = ForeignLibrary.addressOf(memory);
    private final String what;
    private boolean done;

    private Request(String what) {
      this.what = what;
    }

    /** Whether it has ended; asking drives the library on. */
    boolean done() {
      if (!done) {
        check(test.call(address, address + 8, address + 16), what);
        done = memory.getInt(8) != 0;
      }
      return done;
    }

    /** Bytes that have come; of a receive that has ended. */
    int count() {
      check(getCount.call(address + 16, bytes, out), "MPI_Get_count");
      return scratch.getInt(0);
    }
  }

  MpiCalls(ForeignLibrary library) {
    this.library = library;
    version = versionOf(library);
    abi = MpiAbi.of(library, version);
    world = abi.world(library);
    bytes = abi.bytes(library);
    errorString = library.function("MPI_Error_string", Type.INT, Type.WORD, Type.WORD);
    initialise = library.function("MPI_Init_thread", Type.WORD, Type.WORD, Type.INT, Type.WORD);
    isend = message("MPI_Isend");
    irecv = message("MPI_Irecv");
    test = library.function("MPI_Test", Type.WORD, Type.WORD, Type.WORD);
    getCount = library.function("MPI_Get_count", Type.WORD, Type.WORD, Type.WORD);
    iprobe = library.function("MPI_Iprobe", Type.INT, Type.INT, Type.WORD, Type.WORD, Type.WORD);
    ibcast =
        library.function(
            "MPI_Ibcast", Type.WORD, Type.INT, Type.WORD, Type.INT, Type.WORD, Type.WORD);
    iallreduce =
        library.function(
            "MPI_Iallreduce",
            Type.WORD,
            Type.WORD,
            Type.INT,
            Type.WORD,
            Type.WORD,
            Type.WORD,
            Type.WORD);
    iallgather =
        library.function(
            "MPI_Iallgather",
            Type.WORD,
            Type.INT,
            Type.WORD,
            Type.WORD,
            Type.INT,
            Type.WORD,
            Type.WORD,
            Type.WORD);
  }

  /** Buffer, count, type, rank, tag, communicator, request. */
  private ForeignFunction message(String name) {
    return library.function(
        name, Type.WORD, Type.INT, Type.WORD, Type.INT, Type.INT, Type.WORD, Type.WORD);
  }

  static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /** May be asked before MPI is initialised. */
  private static String versionOf(ForeignLibrary library) {
    ByteBuffer text = direct(TEXT_BYTES);
    long address = ForeignLibrary.addressOf(text);
    library
        .function("MPI_Get_library_version", Type.WORD, Type.WORD)
        .call(address, address + TEXT_BYTES - 8);
    return ForeignLibrary.text(address);
  }

  /** Engine and version, as "MPICH 4.0.2" or "Open MPI v4.1.4". */
  String version() {
    String line = MpiAbi.firstLine(version).replace(" Version:", "");
    int comma = line.indexOf(',');
    return comma < 0 ? line : line.substring(0, comma);
  }

  MpiAbi abi() {
    return abi;
  }

  ForeignLibrary library() {
    return library;
  }

  /** Whether this process has called MPI_Init, by whomever. */
  boolean initialised() {
    return flag("MPI_Initialized");
  }

  /** Whether this process has ended MPI, after which it cannot begin again. */
  boolean finalised() {
    return flag("MPI_Finalized");
  }

  private boolean flag(String name) {
    scratch.putInt(0, 0);
    check(library.function(name, Type.WORD).call(out), name);
    return scratch.getInt(0) != 0;
  }

  /** MPI_Init_thread; whether the library lets other threads call, one at a time. */
  boolean initialise() {
    check(initialise.call(0, 0, abi.serialized(), out), "MPI_Init_thread");
    int provided = scratch.getInt(0);
    if (provided < abi.funneled()) {
      throw new CollectiveException(
          version() + " lets no program with threads call it; it was built without them");
    }
    check(
        library
            .function("MPI_Comm_set_errhandler", Type.WORD, Type.WORD)
            .call(world, abi.errorsReturn(library)),
        "MPI_Comm_set_errhandler");
    return provided >= abi.serialized();
  }

  /** MPI_Comm_rank and MPI_Comm_size, of MPI_COMM_WORLD. */
  int ofWorld(String name) {
    check(library.function(name, Type.WORD, Type.WORD).call(world, out), name);
    return scratch.getInt(0);
  }

  /**
   * A value of the info of MPI_COMM_WORLD (MPI_Info_get_string of MPI 4.0), or "" if there is none.
   *
   * @param most bytes of it
   */
  String infoOfWorld(String key, int most) {
    byte[] name = key.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer memory = direct(32 + name.length + most); // info, length, flag; key; value
    memory.putInt(8, most).put(16, name);
    long info = ForeignLibrary.addressOf(memory);
    long value = info + 32 + name.length;
    check(
        library.function("MPI_Comm_get_info", Type.WORD, Type.WORD).call(world, info),
        "MPI_Comm_get_info");
    check(
        library
            .function("MPI_Info_get_string", Type.WORD, Type.WORD, Type.WORD, Type.WORD, Type.WORD)
            .call(memory.getLong(0), info + 16, info + 8, value, info + 12),
        "MPI_Info_get_string");
    check(library.function("MPI_Info_free", Type.WORD).call(info), "MPI_Info_free");
    return memory.getInt(12) == 0 ? "" : ForeignLibrary.text(value);
  }

  void finish() {
    check(library.function("MPI_Finalize").call(), "MPI_Finalize");
  }

  Request send(long address, int count, int to, int tag) {
    Request request = new Request("MPI_Isend of " + count + " bytes to rank " + to);
    check(isend.call(address, count, bytes, to, tag, world, request.address), request.what);
    return request;
  }

  /** Of at most {@code count} bytes. */
  Request receive(long address, int count, int from, int tag) {
    Request request = new Request("MPI_Irecv from rank " + from);
    check(irecv.call(address, count, bytes, from, tag, world, request.address), request.what);
    return request;
  }

  /** Whether a message is there. */
  boolean probe(int from, int tag) {
    scratch.putInt(0, 0);
    check(iprobe.call(from, tag, world, out, out + 16), "MPI_Iprobe");
    return scratch.getInt(0) != 0;
  }

  Request broadcast(long address, int count, int root) {
    Request request = new Request("MPI_Ibcast of " + count + " bytes from rank " + root);
    check(ibcast.call(address, count, bytes, root, world, request.address), request.what);
    return request;
  }

  /** Sums of so many floats over all ranks, which all get with the same bits, as MPI asks for. */
  Request sum(long mine, long sums, int count) {
    Request request = new Request("MPI_Iallreduce of " + count + " floats");
    check(
        iallreduce.call(
            mine, sums, count, abi.floats(library), abi.sum(library), world, request.address),
        request.what);
    return request;
  }

  /** {@code count} bytes of each rank, in the ranks' order. */
  Request gather(long mine, int count, long all) {
    Request request = new Request("MPI_Iallgather of " + count + " bytes");
    check(
        iallgather.call(mine, count, bytes, all, count, bytes, world, request.address),
        request.what);
    return request;
  }

  private void check(int code, String what) {
    if (code == 0) {
      return;
    }
    ByteBuffer text = direct(TEXT_BYTES);
    long address = ForeignLibrary.addressOf(text);
    errorString.call(code, address, address + TEXT_BYTES - 8);
    throw new CollectiveException(
        what + " failed: " + ForeignLibrary.text(address) + " (" + code + ", " + version() + ")");
  }
}
