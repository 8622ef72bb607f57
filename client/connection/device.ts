import type { DeviceInput } from '../../shared/protocol/device.ts';
import { randomId } from '../../shared/sdk/randomId.ts';

const KEY = 'fillwire.device';

function storedId(storage: Pick<Storage, 'getItem' | 'setItem'>): string {
  try {
    const known = storage.getItem(KEY);
    if (known !== null && /^[0-9a-f]{32}$/.test(known)) return known;
    const created = randomId();
    storage.setItem(KEY, created);
    return created;
  } catch {
    return randomId();
  }
}

const SYSTEMS: readonly (readonly [RegExp, string, DeviceInput['kind']])[] = [
  [/iPhone/, 'iPhone', 'phone'],
  [/iPad/, 'iPad', 'tablet'],
  [/Android.*Mobile/, 'Android phone', 'phone'],
  [/Android/, 'Android tablet', 'tablet'],
  [/Mac OS X/, 'Mac', 'desktop'],
  [/Windows/, 'Windows', 'desktop'],
  [/CrOS/, 'Chromebook', 'desktop'],
  [/Linux/, 'Linux', 'desktop'],
];
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS/, 'Firefox'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Chrome\/|CriOS/, 'Chrome'],
  [/Safari\//, 'Safari'],
];

/** A name people recognise in the list of their devices, such as `Chrome on Mac`. */
export function describeDevice(userAgent: string): Pick<DeviceInput, 'name' | 'kind'> {
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent));
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent));
  return {
    name: `${browser?.[1] ?? 'Browser'} on ${system?.[1] ?? 'unknown system'}`,
    kind: system?.[2] ?? 'other',
  };
}

/** This browser as the server lists it: the same id as long as its storage lives. */
export function thisDevice(): DeviceInput {
  return { id: storedId(localStorage), ...describeDevice(navigator.userAgent) };
}
