import { writeFileSync } from 'node:fs';
import { protocolReference } from './lib/protocolReference.ts';

/** `npm run docs`: writes docs/protocol.md from the schemas. */
writeFileSync('docs/protocol.md', protocolReference());
