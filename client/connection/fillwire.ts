import { createAuth, webStorage } from '../../shared/sdk/auth.ts';
import { createClient } from '../../shared/sdk/client.ts';
import { thisDevice } from './device.ts';
import { followNetwork } from './networkEvents.ts';
import { serverReady } from './serverReady.ts';

/** The one login and the one socket of this page. Stores use them; views use stores. */
export const device = thisDevice();
export const auth = createAuth({ url: location.origin, storage: webStorage(localStorage), mode: 'cookie' });
export const client = createClient({ url: location.origin, device, tokens: auth, isReady: serverReady });
followNetwork(client);
