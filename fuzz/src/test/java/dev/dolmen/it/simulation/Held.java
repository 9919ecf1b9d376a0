package dev.dolmen.it.simulation;

import dev.dolmen.network.identity.PeerId;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which peers an object still knows, found by following its fields: so that a new map of peers is
 * looked at without anybody thinking of it. The chain and its store are left out: they know no
 * peers, and are large.
 */
final class Held {

  private final Set<PeerId> peers = new LinkedHashSet<>();
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> open = new ArrayDeque<>();

  private Held() {}

  static Set<PeerId> peers(Object root) {
    Held held = new Held();
    held.add(root);
    while (!held.open.isEmpty()) {
      held.look(held.open.remove());
    }
    return held.peers;
  }

  private void add(@Nullable Object next) {
    if (next != null && seen.add(next)) {
      open.add(next);
    }
  }

  private void look(Object object) {
    if (object instanceof PeerId peer) {
      peers.add(peer);
    } else if (object instanceof Map<?, ?> map) {
      map.keySet().forEach(this::add);
      map.values().forEach(this::add);
    } else if (object instanceof Collection<?> all) {
      all.forEach(this::add);
    } else if (object instanceof Optional<?> one) {
      one.ifPresent(this::add);
    } else if (isOurs(object.getClass())) {
      for (Class<?> type = object.getClass(); isOurs(type); type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
            add(valueOf(field, object));
          }
        }
      }
    }
  }

  private static boolean isOurs(Class<?> type) {
    String name = type.getName();
    return !type.isHidden()
        && (name.startsWith("dev.dolmen.node.") || name.startsWith("dev.dolmen.core.mempool."));
  }

  private static @Nullable Object valueOf(Field field, Object object) {
    try {
      field.setAccessible(true);
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("our own fields can be read", e);
    }
  }
}
