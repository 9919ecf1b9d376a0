/**
 * What a user can set: flags, environment variables and a TOML file become one checked value, and
 * network files become parameters. Nothing runs here; whoever starts a node reads it once, on its
 * own thread. Depends on {@code core.consensus}, on the addresses of {@code network.peers}, Guava
 * and tomlj.
 */
@NullMarked
package dev.dolmen.node.config;

import org.jspecify.annotations.NullMarked;
