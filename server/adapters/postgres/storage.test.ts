import { deskLogContract } from '../../ports/deskLog.contract.ts';
import { historyContract } from '../../ports/history.contract.ts';
import { identityStoreContract } from '../../ports/identityStore.contract.ts';
import { shardLeasesContract } from '../../ports/shardLeases.contract.ts';
import { venueKeysContract } from '../../ports/venueKeys.contract.ts';
import { openPostgresStorage } from '../../testing/postgresStorage.ts';

deskLogContract('PostgreSQL', openPostgresStorage);
historyContract('PostgreSQL', openPostgresStorage);
identityStoreContract('PostgreSQL', openPostgresStorage);
shardLeasesContract('PostgreSQL', openPostgresStorage);
venueKeysContract('PostgreSQL', openPostgresStorage);
