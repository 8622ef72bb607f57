/** A clock for the screen: `now` moves once a second while something on the screen shows an age or a countdown. */
class ScreenClock {
  now = $state(Date.now());
  #users = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Call in an effect; returns how to stop. */
  watch(): () => void {
    this.#users += 1;
    this.now = Date.now();
    this.#timer ??= setInterval(() => {
      this.now = Date.now();
    }, 1_000);
    return () => {
      this.#users -= 1;
      if (this.#users > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

export const screenClock = new ScreenClock();
