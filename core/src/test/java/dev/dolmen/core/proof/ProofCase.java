package dev.dolmen.core.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.signature.PublicKey;
import java.util.Optional;

/** A file, what it is held against, and what the words of the specification say of it. */
record ProofCase(
    String name,
    NetworkParameters network,
    Optional<ChainPoint> checkpoint,
    String file,
    Optional<ProofStep> brokenAt) {

  byte[] bytes() {
    return file.getBytes(ISO_8859_1);
  }

  ProofVerdict check() {
    return ProofFile.check(bytes(), network, checkpoint);
  }

  ProofCase named(String newName, Optional<ProofStep> step) {
    return new ProofCase(newName, network, checkpoint, file, step);
  }

  /** The case as it stands in {@code proofs.json}. */
  JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("name", name);
    json.add("network", networkDocument());
    json.add(
        "checkpoint",
        checkpoint
            .<JsonElement>map(point -> new JsonPrimitive(point.toString()))
            .orElse(JsonNull.INSTANCE));
    json.addProperty("file", file);
    check()
        .deliverTo(
            new ProofVerdict.Reader<Boolean>() {
              @Override
              public Boolean valid(ProofVerdict.Valid verdict) {
                json.addProperty("valid", true);
                json.addProperty("id", verdict.transaction().id().toHex());
                json.addProperty("author", verdict.transaction().author().toHex());
                json.addProperty("payload", verdict.transaction().payload().toHex());
                json.addProperty("block", ChainPoint.of(verdict.block()).toString());
                json.addProperty("index", verdict.index());
                json.addProperty("anchor", verdict.anchor().toString());
                json.addProperty("isFromGenesis", verdict.isFromGenesis());
                json.addProperty("tip", verdict.tip().toString());
                json.addProperty("work", verdict.work().toString());
                JsonArray findings = new JsonArray();
                for (ProofVerdict.Finding finding : verdict.findings()) {
                  findings.add(finding.step().label() + ": " + finding.sentence());
                }
                json.add("findings", findings);
                return true;
              }

              @Override
              public Boolean invalid(ProofVerdict.Invalid verdict) {
                json.addProperty("valid", false);
                json.addProperty("step", verdict.step().label());
                json.addProperty("reason", verdict.reason());
                return true;
              }
            });
    return json;
  }

  /** As {@code GET /v1/network} answers. */
  private JsonObject networkDocument() {
    JsonObject json = new JsonObject();
    json.addProperty("name", network.name());
    json.addProperty("genesis", network.genesisHash().toHex());
    json.addProperty("parametersHash", network.hash().toHex());
    json.addProperty("genesisTime", network.genesisTime());
    json.addProperty("intervalMillis", network.intervalMillis());
    json.addProperty("halfLifeMillis", network.halfLifeMillis());
    json.addProperty("firstBits", String.format("%08x", network.firstBits()));
    json.addProperty("fixedTarget", network.fixedTarget());
    json.addProperty("largestBlock", network.largestBlock());
    json.addProperty("expiryWindow", network.expiryWindow());
    JsonArray authors = new JsonArray();
    network.authors().stream().map(PublicKey::toHex).forEach(authors::add);
    json.add("authors", authors);
    return json;
  }

  static String hex(byte[] bytes) {
    return Bytes.wrap(bytes).toHex();
  }
}
