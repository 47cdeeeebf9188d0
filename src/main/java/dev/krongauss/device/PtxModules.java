package dev.krongauss.device;

import java.util.HashMap;
import java.util.Map;

/** The modules of users' PTX that are in use on a device: each text once, as long as it is held. */
final class PtxModules {
  private final Device device;
  private final Map<String, Loaded> byText = new HashMap<>();

  PtxModules(Device device) {
    this.device = device;
  }

  private static final class Loaded {
    private final Module module;
    private int holders;

    Loaded(Module module) {
      this.module = module;
    }
  }

  synchronized PtxModule take(String name, String text) {
    Loaded loaded = byText.computeIfAbsent(text, t -> new Loaded(Module.loadPtx(device, name, t)));
    loaded.holders++;
    return new PtxModule(this, text, loaded.module);
  }

  /** After {@link #close} nothing is left to give back. */
  synchronized void giveBack(String text) {
    Loaded loaded = byText.get(text);
    if (loaded != null && --loaded.holders == 0) {
      byText.remove(text);
      device.driver().synchronizeQuietly();
      loaded.module.close();
    }
  }

  /** Unloads all, held or not. */
  synchronized void close(Closing closing) {
    byText.values().forEach(loaded -> closing.close(loaded.module));
    byText.clear();
  }
}
