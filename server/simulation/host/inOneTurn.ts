/** Runs in a turn of the loop of its own, where promises can be drained; the loop has no other turn until it ends. */
export function inOneTurn<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run());
      } catch (error) {
        reject(error);
      }
    });
  });
}
