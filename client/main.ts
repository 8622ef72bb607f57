import './connection/noEval.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/reducedMotion.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { loadLanguage } from './i18n/language.ts';
import { session } from './stores/app.ts';
import { preferences } from './stores/preferences.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
preferences.apply();
await loadLanguage(preferences.locale);
void session.restore();
// While the server is asked for the session of before: the screen that most likely follows.
if (session.phase === 'restoring') void import('./views/Shell.svelte');
mount(App, { target });
