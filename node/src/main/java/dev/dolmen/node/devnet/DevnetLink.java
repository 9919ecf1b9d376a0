package dev.dolmen.node.devnet;

import java.time.Duration;
import java.util.Optional;

/**
 * A link of a devnet, as it was when asked for.
 *
 * @param a the node that is dialled
 * @param b the one that dials
 * @param up whether there may be a link; not so while it is cut
 * @param delay for which each message is held back, in each direction
 * @param linked whether it stands at this moment, as both ends see it
 * @param roundTrip as {@code a} measured it last, if it has
 */
public record DevnetLink(
    String a, String b, boolean up, Duration delay, boolean linked, Optional<Duration> roundTrip) {}
