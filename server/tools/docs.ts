import { mkdirSync, writeFileSync } from 'node:fs';
import { writtenFiles } from './lib/reference/writtenFiles.ts';

/** `npm run docs`: writes what docs/ says of the wire, from the schemas. */
mkdirSync('docs', { recursive: true });
for (const [path, text] of Object.entries(writtenFiles())) writeFileSync(path, text);
