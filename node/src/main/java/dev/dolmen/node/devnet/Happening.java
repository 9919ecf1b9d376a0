package dev.dolmen.node.devnet;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.node.action.TransactionState;
import java.util.List;

/** Something that happened in a devnet, for whoever watches. Nodes are called by their names. */
public sealed interface Happening {

  /**
   * A message was said.
   *
   * @param from a node, or the beginning of the id of a peer that is not of this devnet
   * @param to as {@code from}; at least one
   * @param everyone whether it went to all peers of the one who said it, and there are several
   * @param kind its name in {@code wire.proto}, in lower case
   * @param text in plain words
   */
  record Message(String from, List<String> to, boolean everyone, String kind, String text)
      implements Happening {

    public Message {
      to = List.copyOf(to);
    }

    /** As people read it: {@code alice → bob: all blocks after 41}. */
    public String line() {
      return from + " → " + (everyone ? "everyone" : String.join(", ", to)) + ": " + text;
    }

    @Override
    public void deliverTo(Reader reader) {
      reader.message(this);
    }
  }

  /** A node has a new tip. */
  record Tip(String node, long height, BlockHash hash) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.tip(this);
    }
  }

  /**
   * A node gave up blocks for others with more work.
   *
   * @param disconnected blocks that left, newest first; the first {@value Storyteller#MAX_LISTED}
   * @param connected blocks that came, oldest first; as many
   * @param givenBack entries that went back to the node's pool; as many
   * @param text the same in words
   */
  record Reorganisation(
      String node,
      long height,
      BlockHash hash,
      List<BlockHash> disconnected,
      List<BlockHash> connected,
      List<TransactionId> givenBack,
      String text)
      implements Happening {

    public Reorganisation {
      disconnected = List.copyOf(disconnected);
      connected = List.copyOf(connected);
      givenBack = List.copyOf(givenBack);
    }

    @Override
    public void deliverTo(Reader reader) {
      reader.reorganisation(this);
    }
  }

  /**
   * An entry that a node had to give back is in a block of its chain again.
   *
   * @param text the same in words
   */
  record Return(String node, TransactionId entry, long height, String text) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.returned(this);
    }
  }

  /** What became of an entry at a node. */
  record Entry(String node, TransactionId entry, TransactionState state) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.entry(this);
    }
  }

  /** A node linked with a peer, or no longer is. */
  record Linked(String node, String peer, boolean linked) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.linked(this);
    }
  }

  /** A node was stopped or started. */
  record Node(String node, boolean up) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.node(this);
    }
  }

  /** A link was cut, healed or slowed. */
  record Link(String a, String b, boolean up, long delayMillis) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.link(this);
    }
  }

  /** More happened than anybody could read; so much was not kept. */
  record LeftOut(long happenings) implements Happening {
    @Override
    public void deliverTo(Reader reader) {
      reader.leftOut(this);
    }
  }

  /** Hands this to a reader. */
  void deliverTo(Reader reader);

  /** One method for each kind. */
  interface Reader {
    /** See {@link Message}. */
    void message(Message message);

    /** See {@link Tip}. */
    void tip(Tip tip);

    /** See {@link Reorganisation}. */
    void reorganisation(Reorganisation reorganisation);

    /** See {@link Return}. */
    void returned(Return returned);

    /** See {@link Entry}. */
    void entry(Entry entry);

    /** See {@link Linked}. */
    void linked(Linked linked);

    /** See {@link Node}. */
    void node(Node node);

    /** See {@link Link}. */
    void link(Link link);

    /** See {@link LeftOut}. */
    void leftOut(LeftOut leftOut);
  }
}
