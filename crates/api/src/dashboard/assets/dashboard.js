// Keeps a page as the server would render it now. Nothing is rendered here: when something changes the page is fetched
// again, and the parts of it that differ are put in place of what is shown. Without this script every page works, too.
"use strict";

(() => {
  const PAUSE_MS = 1000; // between two fetches, however much changes
  const TYPING_MS = 200; // after the last key until a search begins
  const MINUTE_MS = 60_000; // how often at least the page is looked at anew
  const TOLD = 3; // how many changes are read aloud one by one

  // Times: the same words as the server uses.

  function unit(seconds) {
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86_400)} days`;
  }

  function relative(at, now) {
    const seconds = Math.trunc((now - at) / 1000);
    if (Math.abs(seconds) < 60) return "just now";
    return seconds > 0 ? `${unit(seconds)} ago` : `in ${unit(-seconds)}`;
  }

  function tellTimes(root) {
    const now = Date.now();
    for (const time of root.querySelectorAll("time[datetime]")) {
      const text = relative(Date.parse(time.dateTime), now);
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // Parts: those marked `data-live` are kept up to date, each known by its id. The children of those marked
  // `data-keyed` are known by their ids, too, and are replaced one by one, so that what did not change stays untouched.

  function copyAttributes(shown, fresh) {
    for (const { name } of [...shown.attributes]) if (!fresh.hasAttribute(name)) shown.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
    }
  }

  // What a person opened stays open, and what they closed stays closed.
  function keepOpen(shown, fresh) {
    for (const details of fresh.querySelectorAll("details[id]")) {
      const before = document.getElementById(details.id);
      if (before && shown.contains(before)) details.open = before.open;
    }
  }

  function replace(shown, fresh, news) {
    const held = shown.contains(document.activeElement) ? document.activeElement : null;
    if (shown.dataset.look && shown.dataset.look !== fresh.dataset.look) {
      news.push(`${fresh.dataset.name}: ${fresh.dataset.look}`);
      fresh.classList.add("changed");
    }
    shown.replaceWith(fresh);
    if (held) {
      const address = held.getAttribute("href");
      const again = held.id ? document.getElementById(held.id)
        : address ? fresh.querySelector(`a[href="${CSS.escape(address)}"]`) : fresh.querySelector(held.localName);
      again?.focus({ preventScroll: true });
    }
  }

  function renew(shown, fresh, news) {
    keepOpen(shown, fresh);
    const isMarked = shown.classList.contains("changed");
    if (isMarked) fresh.classList.add("changed");
    if (shown.isEqualNode(fresh)) return;
    const isKeyed = fresh.hasAttribute("data-keyed") && shown.hasAttribute("data-keyed");
    const holdsKeyed = !isKeyed && shown.children.length === fresh.children.length &&
      [...fresh.children].some((child) => child.hasAttribute("data-keyed"));
    if (isKeyed) {
      renewChildren(shown, fresh, news);
    } else if (holdsKeyed) {
      copyAttributes(shown, fresh);
      const pairs = [...fresh.children].map((child, place) => [shown.children[place], child]);
      for (const [before, after] of pairs) renew(before, after, news);
    } else {
      if (isMarked && shown.dataset.look !== fresh.dataset.look) fresh.classList.remove("changed");
      replace(shown, fresh, news);
    }
  }

  function renewChildren(shown, fresh, news) {
    copyAttributes(shown, fresh);
    const before = new Map([...shown.children].map((child) => [child.id, child]));
    let place = shown.firstElementChild;
    for (const child of [...fresh.children]) {
      const known = child.id ? before.get(child.id) : undefined;
      before.delete(child.id);
      if (!known) {
        shown.insertBefore(child, place);
        continue;
      }
      if (known === place) place = place.nextElementSibling;
      else shown.insertBefore(known, place);
      renew(known, child, news);
    }
    for (const gone of before.values()) gone.remove();
  }

  function announce(news) {
    if (news.length === 0) return;
    const told = [...new Set(news)];
    const more = told.length > TOLD ? ` and ${told.length - TOLD} more changes` : "";
    document.getElementById("news").textContent = told.slice(0, TOLD).join(". ") + more;
  }

  function show(text, isTold) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const script = (page) => page.querySelector("script[src]")?.getAttribute("src");
    if (script(fresh) !== script(document) || fresh.body.dataset.viewer !== document.body.dataset.viewer) {
      location.reload(); // The server is a newer one, or somebody logged in or out elsewhere.
      return;
    }
    tellTimes(fresh);
    tellTimes(document);
    const news = [];
    for (const part of [...fresh.querySelectorAll("[data-live]")]) {
      const shown = document.getElementById(part.id);
      if (shown) renew(shown, part, news);
    }
    document.title = fresh.title;
    if (isTold) announce(news);
  }

  // Fetching: one at a time, and not too often.

  let begun = 0;
  let timer = null;
  let fetching = null;
  let later = null;

  // A part marked `data-again` says after how many seconds there is more to see, although nobody says that it changed.
  function lookAgain() {
    const pauses = [...document.querySelectorAll("[data-again]")].map((part) => Number(part.dataset.again) * 1000);
    clearTimeout(later);
    later = setTimeout(refresh, Math.min(MINUTE_MS, ...pauses));
  }

  async function load(address, isTold) {
    fetching?.abort();
    const own = new AbortController();
    fetching = own;
    begun = Date.now();
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-cache", signal: own.signal });
      if (answer.redirected) location.reload(); // Nobody is logged in any more, and one has to be.
      else if (answer.ok) show(await answer.text(), isTold);
    } catch (error) {
      // A newer fetch took its place, or the server is away: the next change, or the next minute, tries again.
      if (!(error instanceof TypeError) && error.name !== "AbortError") throw error;
    } finally {
      if (fetching === own) {
        fetching = null;
        lookAgain();
      }
    }
  }

  function refresh() {
    if (timer !== null || document.hidden) return;
    timer = setTimeout(() => {
      timer = null;
      load(location.href, true);
    }, Math.max(0, begun + PAUSE_MS - Date.now()));
  }

  // Changes.

  function follow() {
    const address = document.body.dataset.stream;
    if (!address) return;
    const live = document.getElementById("live");
    let stream = null;
    const open = () => {
      stream = new EventSource(address);
      stream.addEventListener("open", () => {
        live.hidden = false;
        live.classList.remove("lost");
        live.textContent = "Live";
      });
      stream.addEventListener("error", () => {
        live.classList.add("lost");
        live.textContent = "Not connected";
      });
      for (const kind of ["target", "gone", "snapshot"]) stream.addEventListener(kind, refresh);
    };
    open();
    // A page that is left is kept for who goes back to it, and its connection with it: a browser has six of them for one
    // server, and would wait for a seventh.
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      open();
      refresh();
    });
    document.addEventListener("visibilitychange", refresh);
    lookAgain();
    setInterval(() => tellTimes(document), MINUTE_MS / 6);
  }

  // Searching while one types.

  function search(form) {
    let typing = null;
    const go = () => {
      const fields = [...new FormData(form)].filter(([, value]) => value !== "");
      const query = new URLSearchParams(fields).toString();
      const address = location.pathname + (query ? `?${query}` : "");
      history.replaceState(null, "", address);
      load(address, false);
    };
    form.addEventListener("input", (event) => {
      clearTimeout(typing);
      typing = setTimeout(go, event.target.matches("input") ? TYPING_MS : 0);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(typing);
      go();
    });
  }

  tellTimes(document);
  follow();
  document.querySelectorAll("form[role=search]").forEach(search);
})();
