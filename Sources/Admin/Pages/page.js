// Refreshes the page in place and keeps the reader's position. Everything works without it.
"use strict";
(() => {
  const everyMilliseconds = Number(document.currentScript.dataset.every) || 5000;
  const line = document.getElementById("refresh");
  const button = document.createElement("button");
  const words = document.createElement("span");
  let isOn = true;
  let lastRead = new Map();

  line.append(words, " ", button);
  line.hidden = false;
  button.type = "button";
  button.addEventListener("click", () => { isOn = !isOn; tell(); if (isOn) refresh(); });

  function tell(trouble) {
    words.textContent = trouble || (isOn ? "Refreshed automatically." : "Not refreshed.");
    words.className = trouble ? "trouble" : "";
    button.textContent = isOn ? "Stop" : "Refresh";
  }

  // Removes the result of an action from the address, so that a reload does not show it again.
  const here = new URL(location.href);
  if (here.searchParams.has("did")) {
    here.searchParams.delete("did");
    here.searchParams.delete("n");
    history.replaceState(null, "", here);
  }

  function isBusy(part) {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) return true;
    return part.querySelector("form[data-sent]") !== null;
  }

  function exchange(part, fresh) {
    const open = [...part.querySelectorAll("details[open][id]")].map((element) => element.id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = [...part.querySelectorAll(".scroll")].map((element) => element.scrollLeft);
    part.className = fresh.className;
    part.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    part.querySelectorAll(".scroll").forEach((element, place) => { element.scrollLeft = scrolled[place] || 0; });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  async function refresh() {
    if (!isOn || document.hidden) return;
    try {
      const answer = await fetch(here, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (!answer.ok) return tell(`Not refreshed: the service answers ${answer.status}.`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (!fresh || isBusy(part) || lastRead.get(part.id) === fresh.outerHTML) continue;
        lastRead.set(part.id, fresh.outerHTML);
        exchange(part, fresh);
      }
      document.title = page.title;
      document.getElementById("asof").replaceChildren(...page.getElementById("asof").childNodes);
      tell();
    } catch {
      tell("Not refreshed: the service does not answer.");
    }
  }

  // A form that is being filled in, or was sent, stays as it is.
  for (const kind of ["input", "submit"]) {
    document.addEventListener(kind, (event) => (event.target.form || event.target).setAttribute("data-sent", ""));
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  tell();
  setInterval(refresh, everyMilliseconds);
})();
