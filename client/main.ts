import './connection/noEval.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/reducedMotion.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './stores/app.ts';
import { preferences } from './stores/preferences.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
preferences.apply();
mount(App, { target });
void session.restore();
