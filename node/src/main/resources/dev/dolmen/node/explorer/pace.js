/** Work that is wanted often: done no more often than its pace allows, never twice at a time, and once more for who asked meanwhile. */
export class Paced {
  #last = -Infinity;
  #timer = null;
  #running = false;
  #again = false;
  #closed = false;

  /** @param work handles its own failures */
  constructor(paceMillis, work) {
    this.pace = paceMillis;
    this.work = work;
  }

  ask() {
    if (this.#running || this.#timer !== null || this.#closed) {
      this.#again = true;
      return;
    }
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#last + this.pace - performance.now()));
  }

  async #run() {
    this.#timer = null;
    this.#running = true;
    this.#again = false;
    this.#last = performance.now();
    try {
      await this.work();
    } finally {
      this.#running = false;
      if (this.#again) this.ask();
    }
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
