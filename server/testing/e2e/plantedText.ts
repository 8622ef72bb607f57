/** A text that was planted somewhere, in whatever way it may be spelled. */
export class PlantedText {
  readonly #spellings: Buffer[];

  constructor(readonly text: string) {
    const bytes = Buffer.from(text);
    const spelled = [
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      bytes.toString('hex'),
      // Within other bytes its base64 depends on where it begins; the ends depend on its neighbours.
      ...[0, 1, 2].map((before) => {
        const shifted = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
        return shifted.slice(before === 0 ? 0 : 4, -4);
      }),
    ];
    const all = new Set(spelled.flatMap((one) => [one, one.toUpperCase(), urlSafe(one)]));
    this.#spellings = [...all].map((one) => Buffer.from(one));
  }

  isIn(place: string | Buffer): boolean {
    const bytes = typeof place === 'string' ? Buffer.from(place) : place;
    return this.#spellings.some((one) => bytes.includes(one));
  }
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
