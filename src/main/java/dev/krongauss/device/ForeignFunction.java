package dev.krongauss.device;

import java.util.List;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.system.libffi.FFICIF;
import org.lwjgl.system.libffi.FFIType;
import org.lwjgl.system.libffi.LibFFI;

/**
 * A C function of a {@link ForeignLibrary} that returns an int or a pointer. Lives as long as the
 * process, like the library. Safe from any thread, as far as the function itself is.
 */
public final class ForeignFunction {
  /** What an argument is in C. */
  public enum Type {
    /** {@code int}, an enumeration. */
    INT,
    /** {@code size_t}, a pointer, a handle of either kind. */
    WORD,
    /** A struct of 128 chars by value; the argument of a call is the address of its bytes. */
    BYTES_128
  }

  private static final int STRUCT_BYTES = 128;

  private final String name;
  private final long address;
  private final List<Type> types;
  private final FFICIF signature;

  ForeignFunction(String name, long address, Type... types) {
    this.name = name;
    this.address = address;
    this.types = List.of(types);
    PointerBuffer arguments = MemoryUtil.memAllocPointer(Math.max(1, types.length));
    for (int i = 0; i < types.length; i++) {
      arguments.put(i, ffi(types[i]));
    }
    arguments.limit(types.length);
    signature = FFICIF.malloc();
    // A pointer's width also holds an int, which libffi widens to it.
    int status =
        LibFFI.ffi_prep_cif(signature, LibFFI.FFI_DEFAULT_ABI, LibFFI.ffi_type_pointer, arguments);
    if (status != LibFFI.FFI_OK) {
      throw new DeviceException(
          "libffi refuses the signature of " + name + this.types + " with status " + status);
    }
  }

  private static FFIType ffi(Type type) {
    return switch (type) {
      case INT -> LibFFI.ffi_type_sint32;
      case WORD -> LibFFI.ffi_type_pointer;
      case BYTES_128 -> Struct128.TYPE;
    };
  }

  /** Calls it; the result as an int. */
  public int call(long... arguments) {
    return (int) callWord(arguments);
  }

  /** Calls it; the result as a pointer. */
  public long callWord(long... arguments) {
    Check.that(
        arguments.length == types.size(),
        "%s takes %d arguments, not %d",
        name,
        types.size(),
        arguments.length);
    try (MemoryStack stack = MemoryStack.stackPush()) {
      PointerBuffer values = stack.mallocPointer(Math.max(1, arguments.length));
      for (int i = 0; i < arguments.length; i++) {
        // Little-endian: the low half of a word is the int.
        values.put(
            i,
            types.get(i) == Type.BYTES_128
                ? arguments[i]
                : MemoryUtil.memAddress(stack.longs(arguments[i])));
      }
      values.limit(arguments.length);
      java.nio.ByteBuffer result = stack.calloc(8, 8);
      LibFFI.ffi_call(signature, address, result, values);
      return result.getLong(0);
    }
  }

  /** libffi's description of the struct, which must outlive every signature that names it. */
  private static final class Struct128 {
    static final FFIType TYPE = FFIType.calloc();

    static {
      PointerBuffer elements = MemoryUtil.memAllocPointer(STRUCT_BYTES / 8 + 1);
      for (int i = 0; i < STRUCT_BYTES / 8; i++) {
        elements.put(i, LibFFI.ffi_type_uint64);
      }
      elements.put(STRUCT_BYTES / 8, MemoryUtil.NULL);
      TYPE.size(0).alignment((short) 0).type(LibFFI.FFI_TYPE_STRUCT).elements(elements);
    }
  }
}
