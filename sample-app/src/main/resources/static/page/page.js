// The page works without this script. With it, times count down, news appears by itself, and buttons keep your place.
'use strict';

(() => {
	const PERIOD = 2000;
	const announcement = document.getElementById('announcement');
	const lost = document.getElementById('lost');
	const form = document.getElementById('act');
	const served = new Map();
	let ahead = 0;
	let turn = 0;
	let refusal = '';
	let timer;
	let released = Promise.resolve();

	// As Words.left on the server.
	function left(until) {
		const seconds = Math.max(0, Math.floor((until - Date.now() - ahead) / 1000));
		if (seconds < 60) {
			return `${seconds} s`;
		}
		if (seconds < 3600) {
			return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
		}
		if (seconds < 86400) {
			return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
		}
		return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`;
	}

	function say(element, text) {
		if (element.textContent !== text) {
			element.textContent = text;
		}
	}

	function tick() {
		for (const countdown of document.querySelectorAll('.countdown')) {
			say(countdown, left(Number(countdown.dataset.until)));
		}
		document.querySelectorAll('[data-copy][hidden]').forEach((button) => button.removeAttribute('hidden'));
	}

	// What the server said, without what changes with time alone.
	function essence(part) {
		const copy = part.cloneNode(true);
		copy.querySelectorAll('.countdown').forEach((countdown) => countdown.replaceChildren());
		return copy.outerHTML;
	}

	function news(root) {
		const all = new Map();
		for (const element of root.querySelectorAll('[data-news]')) {
			all.set(element.dataset.news, element.dataset.brief ?? element.textContent);
		}
		return all;
	}

	function remember(page) {
		ahead = Number(page.body.dataset.now) - Date.now();
		page.querySelectorAll('[data-live]').forEach((part) => served.set(part.id, essence(part)));
		form.elements[0].value = page.getElementById('act').elements[0].value;
	}

	function show(page) {
		const before = news(document);
		for (const part of page.querySelectorAll('[data-live]')) {
			const current = document.getElementById(part.id);
			if (current && served.get(part.id) !== essence(part)) {
				replace(current, document.importNode(part, true));
			}
		}
		remember(page);
		document.title = page.title;
		tick();
		const changes = [...news(document)].filter(([name, text]) => before.get(name) !== text);
		if (changes.length) {
			say(announcement, changes.map(([name, text]) => `${name}: ${text}`).join('. '));
		}
	}

	function replace(current, fresh) {
		for (const open of current.querySelectorAll('details[open]')) {
			fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '');
		}
		const focus = current.contains(document.activeElement) ? document.activeElement : null;
		current.replaceWith(fresh);
		if (focus) {
			(document.getElementById(focus.id) ?? fresh.querySelector('h2')).focus({ preventScroll: true });
		}
	}

	async function ask(request) {
		const mine = ++turn;
		clearTimeout(timer);
		let text = '';
		let trouble = '';
		try {
			const answer = await fetch(request);
			text = await answer.text();
			trouble = answer.ok ? '' : `That did not work (${answer.status}). Load the page again.`;
			refusal = request.method === 'POST' ? trouble : refusal;
		}
		catch {
			trouble = 'The application does not answer. What you see may be old.';
		}
		await released;
		if (mine !== turn) {
			return;
		}
		later();
		say(lost, trouble || refusal);
		if (!trouble) {
			show(new DOMParser().parseFromString(text, 'text/html'));
		}
	}

	function look() {
		return ask(new Request('/', { headers: { Accept: 'text/html' }, cache: 'no-store' }));
	}

	function later() {
		clearTimeout(timer);
		if (!document.hidden) {
			timer = setTimeout(look, PERIOD);
		}
	}

	form.addEventListener('submit', async (event) => {
		event.preventDefault();
		const button = event.submitter;
		button.setAttribute('aria-disabled', 'true');
		await ask(new Request(button.formAction, { method: 'POST', body: new URLSearchParams(new FormData(form)) }));
		button.removeAttribute('aria-disabled');
	});

	document.addEventListener('click', async (event) => {
		const button = event.target.closest('[data-copy]');
		if (button) {
			await navigator.clipboard.writeText(button.dataset.copy).then(
					() => say(button, 'Copied'), () => say(button, 'Please copy by hand'));
			say(announcement, button.textContent);
		}
	});

	// A press whose button is replaced before it ends is no click: news waits for the end of it, but not for ever.
	document.addEventListener('pointerdown', () => {
		released = new Promise((resolve) => {
			const end = () => setTimeout(resolve);
			document.addEventListener('pointerup', end, { once: true });
			document.addEventListener('pointercancel', end, { once: true });
			setTimeout(resolve, PERIOD);
		});
	});

	document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : look()));

	remember(document);
	tick();
	setInterval(tick, 250);
	later();
})();
