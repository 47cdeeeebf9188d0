package dev.krongauss.dist;

import dev.krongauss.device.Stream;
import java.util.Optional;

/** Through pinned memory of the host, in pieces; with a message goes what its sender is about. */
final class MpiHostPath implements MpiPath {
  private final MpiCalls calls;
  private final MpiWaits waits;
  private final int rank;
  private final MpiStaging staging = new MpiStaging();

  MpiHostPath(MpiCalls calls, MpiWaits waits, int rank) {
    this.calls = calls;
    this.waits = waits;
    this.rank = rank;
  }

  @Override
  public void exchange(Stream s, MpiCall call, long send, long receive) {
    int peer = call.other();
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(send, call.bytes(), call.received())) {
      piece.label(call);
      MpiCalls.Request in =
          calls.receive(staging.incoming(piece), MpiStaging.MESSAGE, peer, MpiCalls.DATA);
      MpiCalls.Request out = calls.send(piece.message(), piece.messageBytes(), peer, MpiCalls.DATA);
      waits.await(call, "rank " + peer, in, out);
      Optional<MpiCall> theirs = staging.label(piece, in.count());
      if (theirs.isEmpty() || !call.fits(rank, theirs.get(), peer)) {
        throw waits.differ(call, peer, theirs);
      }
      staging.give(piece, receive);
    }
  }

  @Override
  public void broadcast(Stream s, MpiCall call, long address) {
    int root = call.other();
    long bytes = call.bytes();
    MpiCalls.Request met = waits.announce(call); // while the first piece comes from the device
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(rank == root ? address : 0, bytes, bytes)) {
      waits.settle(call, met);
      long place = rank == root ? piece.message() : staging.incoming(piece);
      String others = rank == root ? waits.allOthers() : "rank " + root;
      waits.await(call, others, calls.broadcast(place, piece.bytes(), root));
      if (rank != root) {
        staging.give(piece, address);
      }
    }
    waits.settle(call, met);
  }

  /**
   * {@code MPI_Iallreduce}, piece by piece: always here, since not every MPI that takes device
   * addresses takes them in collective calls that do not block, and one that blocks has no
   * time-out.
   */
  void sum(Stream s, MpiCall call, long address) {
    long bytes = call.bytes();
    MpiCalls.Request met = waits.announce(call);
    staging.begin(s);
    for (MpiStaging.Piece piece : staging.pieces(address, bytes, bytes)) {
      waits.settle(call, met);
      int floats = piece.bytes() / Float.BYTES;
      waits.await(
          call, waits.allOthers(), calls.sum(piece.message(), staging.incoming(piece), floats));
      staging.give(piece, address);
    }
    waits.settle(call, met);
  }

  @Override
  public long waits() {
    return staging.waits();
  }

  @Override
  public void close() {
    staging.close();
  }
}
