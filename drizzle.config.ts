import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './server/adapters/postgres/schema/engine.ts',
    './server/adapters/postgres/schema/history.ts',
    './server/adapters/postgres/schema/identity.ts',
    './server/adapters/postgres/schema/keys.ts',
  ],
  out: './migrations',
});
