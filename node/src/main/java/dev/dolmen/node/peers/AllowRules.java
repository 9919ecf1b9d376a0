package dev.dolmen.node.peers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dolmen.network.identity.PeerId;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whom the operator lets in: ids, and files that list more of them. A node without any is open to
 * everybody.
 *
 * @param ids peers named one by one
 * @param files see {@link AllowedPeers} for what stands in them
 */
public record AllowRules(ImmutableSet<PeerId> ids, ImmutableList<Path> files) {

  /** Open to everybody. */
  public static final AllowRules NONE = new AllowRules(ImmutableSet.of(), ImmutableList.of());

  private static final String FILE_MARK = "@";

  /**
   * Reads what people type.
   *
   * @param texts each 64 hex digits, or {@code @FILE}
   * @throws IllegalArgumentException if one is anything else; the message can be shown to a user
   */
  public static AllowRules parse(List<String> texts) {
    ImmutableSet.Builder<PeerId> ids = ImmutableSet.builder();
    Set<Path> files = new LinkedHashSet<>();
    for (String text : texts) {
      if (!text.startsWith(FILE_MARK)) {
        ids.add(id(text));
      } else if (text.length() > FILE_MARK.length()) {
        files.add(path(text.substring(FILE_MARK.length())));
      } else {
        throw new IllegalArgumentException("'@' names no file: write @ and its path");
      }
    }
    return new AllowRules(ids.build(), ImmutableList.copyOf(files));
  }

  private static PeerId id(String text) {
    try {
      return PeerId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is neither a peer's id of 64 hex digits, as the peer shows it when it starts, nor"
              + " @FILE",
          e);
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text.replace('\0', '?') + "' is not a path", e);
    }
  }

  /** These and what one more text says. */
  public AllowRules and(String text) {
    AllowRules more = parse(List.of(text));
    return new AllowRules(
        ImmutableSet.<PeerId>builder().addAll(ids).addAll(more.ids).build(),
        Stream.concat(files.stream(), more.files.stream())
            .distinct()
            .collect(ImmutableList.toImmutableList()));
  }

  /** As a user would write them, separated by commas. */
  @Override
  public String toString() {
    return Stream.concat(
            ids.stream().map(PeerId::toString), files.stream().map(file -> FILE_MARK + file))
        .collect(Collectors.joining(","));
  }

  /** Whether everybody is let in. */
  public boolean isOpen() {
    return ids.isEmpty() && files.isEmpty();
  }
}
