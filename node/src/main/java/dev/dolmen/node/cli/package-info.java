/**
 * The commands of the jar: each is one class, made only when it is asked for, so that those which
 * merely ask a node's API start without loading a node. Everything here runs on the main thread;
 * the only shutdown hook of the whole program is set here. Depends on all of {@code node}, and
 * nothing depends on it.
 */
@NullMarked
package dev.dolmen.node.cli;

import org.jspecify.annotations.NullMarked;
