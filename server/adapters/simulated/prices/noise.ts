/** 32 well-mixed bits of four integers: the only source of chance in the simulated market. */
export function hash32(seed: number, stream: number, a: number, b: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(stream + 0x27d4eb2f, 0xc2b2ae35), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 13) ^ Math.imul(a ^ 0x165667b1, 0x9e3779b1), 0x297a2d39);
  h = Math.imul(h ^ (h >>> 16) ^ Math.imul(b + 0x3c6ef372, 0x85ebca77), 0xc2b2ae3d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** 32 bits of a text. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return hash32(h, text.length, 0, 0);
}

/** Uniform in [0, 1). */
export function uniform(seed: number, stream: number, index: number): number {
  return hash32(seed, stream, index, 0) / 4_294_967_296;
}

/** Mean 0, variance 1, bell-shaped within ±3: three uniforms summed. */
export function bell(seed: number, stream: number, index: number): number {
  const bits = hash32(seed, stream, index, 1);
  const sum = (bits & 1023) + ((bits >>> 10) & 1023) + ((bits >>> 20) & 1023);
  return (sum / 1023 - 1.5) * 2;
}

/** Like `bell`, with the heavier tails of market returns. */
export function heavyBell(seed: number, stream: number, index: number): number {
  const g = bell(seed, stream, index);
  return (g + 0.35 * g * g * g) / 1.95;
}

/** A bounded memory of one stream's last two nodes, because neighbours are asked for next. */
export class SmoothNoise {
  readonly #seed: number;
  readonly #stream: number;
  readonly #period: number;
  #node = Number.NaN;
  #left = 0;
  #right = 0;

  constructor(
    seed: number,
    stream: number,
    /** Steps between nodes. */
    period: number,
  ) {
    this.#seed = seed;
    this.#stream = stream;
    this.#period = period;
  }

  /** Mean 0, variance 1 at nodes, linear between them. */
  at(step: number): number {
    const node = Math.floor(step / this.#period);
    if (node !== this.#node) {
      this.#left = bell(this.#seed, this.#stream, node);
      this.#right = bell(this.#seed, this.#stream, node + 1);
      this.#node = node;
    }
    const share = step / this.#period - node;
    return this.#left + (this.#right - this.#left) * share;
  }
}
