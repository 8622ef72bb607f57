import { config } from 'zod';

// The page's content policy forbids building code from text, and the library would try it once to find that out.
// Imported before every schema: they decide this when they are made.
config({ jitless: true });
