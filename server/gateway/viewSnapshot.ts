import { createHash } from 'node:crypto';
import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import { canonicalJson } from '../../shared/view/hashView.ts';
import type { View } from '../../shared/view/view.ts';

export interface ViewSnapshot {
  seq: number;
  /** The view as JSON text. */
  json: string;
  /** What `hashView` gives for it. */
  hash: string;
}

/**
 * Text and hash of a view from one pass over it. The same hash as `hashView`, but by the platform's SHA-256: a join
 * must not hold up the loop for a hash in plain JavaScript.
 */
export function snapshotOf(epoch: string, seq: number, view: View): ViewSnapshot {
  const json = canonicalJson(view);
  const hashed = `{"epoch":${JSON.stringify(epoch)},"seq":${seq},"view":${json},"viewVersion":${VIEW_VERSION}}`;
  return { seq, json, hash: createHash('sha256').update(hashed).digest('hex') };
}
