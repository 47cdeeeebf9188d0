package dev.krongauss.dist;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Rank 0 gives some bytes to the others, once all of them have come: at a port of its machine that
 * all know, as {@code MASTER_ADDR} and {@code MASTER_PORT}. No rank goes on before all are there.
 *
 * <p>For a cluster's own network: what is said is neither secret nor signed.
 */
final class IdExchange {
  private static final int MARK = 0x6b726764;
  private static final long RETRY_MILLIS = 50;

  private final InetSocketAddress place;
  private final Ranks ranks;
  private final Duration timeout;

  IdExchange(InetSocketAddress place, Ranks ranks, Duration timeout) {
    this.place = place;
    this.ranks = ranks;
    this.timeout = timeout;
  }

  /**
   * At the place that these variables name.
   *
   * @throws IllegalArgumentException if one is missing or no port
   */
  static IdExchange of(Map<String, String> environment, Ranks ranks, Duration timeout) {
    String host = environment.get("MASTER_ADDR");
    String port = environment.get("MASTER_PORT");
    if (host == null
        || port == null
        || !port.matches("[1-9][0-9]{0,4}")
        || Integer.parseInt(port) > 65535) {
      throw new IllegalArgumentException(
          "MASTER_ADDR is "
              + host
              + " and MASTER_PORT "
              + port
              + ": set them, on all ranks, to the machine of rank 0 and a free port of it (1 to"
              + " 65535), where it gives NCCL's id to the others");
    }
    return new IdExchange(new InetSocketAddress(host, Integer.parseInt(port)), ranks, timeout);
  }

  /**
   * Rank 0's bytes, on all ranks.
   *
   * @param bytes of rank 0; of others as many, which are not used
   * @throws CollectiveException if not all ranks come in time, or two say contradictory things
   */
  byte[] spread(byte[] bytes) {
    long end = System.nanoTime() + timeout.toNanos();
    try {
      return ranks.rank() == 0 ? give(bytes, end) : take(bytes.length, end);
    } catch (IOException e) {
      throw new CollectiveException(
          "rank "
              + ranks.rank()
              + " of "
              + ranks.size()
              + " at "
              + place
              + ": "
              + e
              + "; MASTER_ADDR and MASTER_PORT are the machine of rank 0 and a free port of it",
          e);
    }
  }

  private byte[] give(byte[] bytes, long end) throws IOException {
    Map<Integer, Socket> others = new TreeMap<>();
    try (ServerSocket server = new ServerSocket()) {
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(place.getPort()));
      String wrong = "";
      while (others.size() < ranks.size() - 1 && wrong.isEmpty()) {
        wrong = greet(accept(server, others, end), others);
      }
      for (Socket other : others.values()) {
        DataOutputStream out = new DataOutputStream(other.getOutputStream());
        out.writeUTF(wrong);
        if (wrong.isEmpty()) {
          out.write(bytes);
        }
        out.flush();
      }
      if (!wrong.isEmpty()) {
        throw new CollectiveException(wrong);
      }
      return bytes.clone();
    } finally {
      for (Socket other : others.values()) {
        other.close();
      }
    }
  }

  private Socket accept(ServerSocket server, Map<Integer, Socket> others, long end)
      throws IOException {
    server.setSoTimeout(left(end));
    try {
      return server.accept();
    } catch (SocketTimeoutException e) {
      Set<Integer> missing = new TreeSet<>();
      for (int r = 1; r < ranks.size(); r++) {
        missing.add(r);
      }
      missing.removeAll(others.keySet());
      throw new CollectiveException(
          "rank 0 of "
              + ranks.size()
              + " has waited "
              + timeout
              + " at "
              + place
              + " for ranks "
              + missing
              + "; look for an error of theirs",
          e);
    }
  }

  /** Who is it; empty, or what does not fit. Somebody else's connection is closed and forgotten. */
  private String greet(Socket other, Map<Integer, Socket> others) throws IOException {
    other.setSoTimeout((int) Math.min(timeout.toMillis(), 10_000));
    int rank;
    int size;
    try {
      DataInputStream in = new DataInputStream(other.getInputStream());
      if (in.readInt() != MARK) {
        throw new IOException("not one of ours");
      }
      rank = in.readInt();
      size = in.readInt();
    } catch (IOException e) {
      other.close();
      return "";
    }
    boolean twice = others.containsKey(rank) || rank < 1 || rank >= ranks.size();
    others.put(twice ? -others.size() - 1 : rank, other);
    if (size != ranks.size()) {
      return "rank "
          + rank
          + " is one of "
          + size
          + ", and rank 0 one of "
          + ranks.size()
          + "; all ranks name the same number";
    }
    return twice
        ? "rank " + rank + " of " + size + " has come twice, or is none of 1 to " + (size - 1)
        : "";
  }

  private byte[] take(int count, long end) throws IOException {
    List<String> refused = new ArrayList<>();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(place, left(end));
        socket.setSoTimeout(left(end));
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(MARK);
        out.writeInt(ranks.rank());
        out.writeInt(ranks.size());
        out.flush();
        return answer(new DataInputStream(socket.getInputStream()), count);
      } catch (java.net.ConnectException | SocketTimeoutException e) {
        refused.add(e.getMessage());
        if (left(end) <= RETRY_MILLIS) {
          throw new CollectiveException(
              "rank "
                  + ranks.rank()
                  + " of "
                  + ranks.size()
                  + " has not reached rank 0 at "
                  + place
                  + " within "
                  + timeout
                  + " ("
                  + refused.get(refused.size() - 1)
                  + "); see that MASTER_ADDR and MASTER_PORT are those of its machine",
              e);
        }
        pause();
      }
    }
  }

  private static byte[] answer(DataInputStream in, int count) throws IOException {
    String wrong;
    try {
      wrong = in.readUTF();
    } catch (EOFException e) {
      wrong = "rank 0 has ended before all ranks had come; look for its error";
    }
    if (!wrong.isEmpty()) {
      throw new CollectiveException(wrong);
    }
    byte[] bytes = new byte[count];
    in.readFully(bytes);
    return bytes;
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("interrupted while looking for rank 0", e);
    }
  }

  /** Milliseconds, at least 1: 0 would wait for ever. */
  private static int left(long end) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, (end - System.nanoTime()) / 1_000_000));
  }
}
