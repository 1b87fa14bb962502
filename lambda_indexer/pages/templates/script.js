"use strict";
// The pages are whole without this. It writes the index's address, copies, and filters.
(() => {
  // Percent-encoded beyond need, so that no shell reads a part of the address as something else.
  const address = (relative) => {
    const url = new URL(relative, location.href);
    const encode = (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase();
    return url.protocol + "//" + url.host + url.pathname.replace(/[^\w/.%~-]/g, encode);
  };

  for (const span of document.querySelectorAll("[data-index]")) {
    span.textContent = address(span.dataset.index);
  }
  for (const text of document.querySelectorAll("[data-fallback]")) {
    text.hidden = true;
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const code = document.getElementById(button.dataset.copy);
    const say = (text) => {
      button.textContent = text;
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    };
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        say("Copied");
      } catch {
        // Over plain HTTP there is no clipboard; the keyboard's copy still works.
        getSelection().selectAllChildren(code);
        say("Selected");
      }
    });
  }

  // Looked up when they are needed: this runs before the list is there.
  const element = (id) => document.getElementById(id);
  const normal = (text) => text.toLowerCase().replace(/[-_.]+/g, "-");
  let rows = null;
  let total = "";

  const find = () => {
    total = element("count").textContent;
    rows = Array.from(document.querySelectorAll("main a"), (link) => ({
      text: normal(link.textContent),
      row: link.closest("li, tr"),
      group: link.closest("section"),
    }));
  };

  const apply = () => {
    if (rows === null) find();
    const words = normal(element("filter").value).split(/\s+/).filter(Boolean);
    const groups = new Map();
    let shown = 0;
    for (const { text, row, group } of rows) {
      const fits = words.every((word) => text.includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) shown += 1;
      if (group) groups.set(group, groups.get(group) || fits);
    }
    let first = true;
    for (const [group, fits] of groups) {
      group.hidden = !fits;
      group.classList.toggle("first", fits && first);
      if (fits) first = false;
    }
    element("count").textContent =
      words.length ? shown.toLocaleString("en") + " of " + total : total;
  };

  document.addEventListener("DOMContentLoaded", () => {
    const box = element("filter");
    if (!box) return;
    box.parentElement.hidden = false;
    box.addEventListener("input", apply);
    document.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/" && event.target !== box) {
        box.focus();
        box.select();
      } else if (event.key === "Escape" && box.value) {
        box.value = "";
        apply();
        box.focus();
      } else if (event.key === "Enter" && event.target === box) {
        const first = rows && rows.find(({ row }) => !row.hidden);
        if (first) first.row.querySelector("a").focus();
      } else {
        return;
      }
      event.preventDefault();
    });
  });
  // A browser that goes back restores what was in the box, but not what it did.
  addEventListener("pageshow", () => {
    if (element("filter")?.value) apply();
  });
})();
