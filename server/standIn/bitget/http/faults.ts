/** Which requests a fault befalls; what is left out matches any. */
export interface FaultMatch {
  method?: 'GET' | 'POST';
  /** The end of the path. */
  path?: string;
  apiKey?: string;
}

export type FaultKind =
  /** 200 with a page instead of an answer. */
  | { kind: 'html' }
  /** 200 with nothing. */
  | { kind: 'empty' }
  /** The connection is cut. */
  | { kind: 'cut' }
  /** Nothing comes, and the connection stays. */
  | { kind: 'silence' }
  | { kind: 'code'; code: string; status?: number }
  /** Its list is null, whatever there is. */
  | { kind: 'nullList' }
  /** Its list leaves out the entry of this number, or all that have this text in them. */
  | { kind: 'omit'; entry: number | string }
  /** Its entries, or those with this text in them, say something else. */
  | { kind: 'edit'; change: Readonly<Record<string, unknown>>; entry?: string }
  /** It comes later: carried out after the wait, or before it. */
  | { kind: 'delay'; ms: number };

export type Fault = FaultKind & {
  match?: FaultMatch;
  /** How many requests it befalls. */
  times?: number;
  /** Whether the request takes effect before the fault hides its answer. */
  carriedOut?: boolean;
};

/** Faults that wait for their requests. */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** How many have not befallen anything yet. */
  get left(): number {
    return this.#waiting.reduce((total, { left }) => total + left, 0);
  }

  take(method: string, path: string, apiKey: string | undefined): Fault | undefined {
    const found = this.#waiting.find(
      ({ fault: { match = {} } }) =>
        (match.method === undefined || match.method === method) &&
        (match.path === undefined || path.endsWith(match.path)) &&
        (match.apiKey === undefined || match.apiKey === apiKey),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#waiting = this.#waiting.filter((one) => one !== found);
    return found.fault;
  }
}

/** The answer's data with its list, wherever that lies, put through `change`. */
export function withList(data: unknown, change: (list: unknown[] | null) => unknown[] | null): unknown {
  if (Array.isArray(data) || data === null) return change(data);
  if (typeof data !== 'object') return data;
  const name = ['list', 'entrustedList', 'fillList', 'bills', 'resultList'].find((one) => one in data);
  if (name === undefined) return data;
  const held: unknown = Reflect.get(data, name);
  return { ...data, [name]: change(Array.isArray(held) ? held : null) };
}

export function omit(list: unknown[] | null, entry: number | string): unknown[] | null {
  if (list === null) return null;
  if (typeof entry === 'number') return list.filter((_, index) => index !== entry);
  return list.filter((one) => !JSON.stringify(one).includes(entry));
}

/** The answer's data with its entries changed, or itself where it is one. */
export function edit(data: unknown, change: object, entry: string | undefined): unknown {
  const edited = (one: unknown): unknown =>
    typeof one === 'object' && one !== null && (entry === undefined || JSON.stringify(one).includes(entry))
      ? { ...one, ...change }
      : one;
  const listed = withList(data, (list) => list?.map(edited) ?? null);
  return listed === data ? edited(data) : listed;
}
