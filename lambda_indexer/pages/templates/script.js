"use strict";
// The pages are whole without this. It writes the index's address, copies, and filters.
(() => {
  // Percent-encoded beyond need, so that no shell reads a part of the address as something else.
  const address = (relative) => {
    const url = new URL(relative, location.href);
    const encode = (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase();
    return url.protocol + "//" + url.host + url.pathname.replace(/[^\w/.%~-]/g, encode);
  };

  // What is above this script at once, and the list once it is there.
  const complete = () => {
    for (const span of document.querySelectorAll("[data-index]")) {
      span.textContent = address(span.dataset.index);
    }
    for (const text of document.querySelectorAll("[data-fallback]")) {
      text.hidden = true;
    }
    // Installers take every <a> in the page for a file, so other links are made here.
    for (const span of document.querySelectorAll("[data-href]")) {
      const url = new URL(span.dataset.href, location.href);
      if (url.protocol !== "http:" && url.protocol !== "https:") continue;
      const link = document.createElement("a");
      link.href = url;
      link.rel = "noopener noreferrer nofollow";
      link.append(...span.childNodes);
      span.replaceWith(link);
    }
  };
  complete();
  document.documentElement.classList.add("scripted");
  if (!document.title.includes(location.host)) document.title += " · " + location.host;

  for (const form of document.querySelectorAll("nav form")) {
    const link = document.createElement("a");
    link.href = form.getAttribute("action");
    link.textContent = form.textContent;
    form.replaceWith(link);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const code = button.previousElementSibling;
    const say = (text) => {
      button.textContent = text;
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    };
    button.setAttribute("aria-live", "polite");
    try {
      await navigator.clipboard.writeText(code.textContent);
      say("Copied");
    } catch {
      // Over plain HTTP there is no clipboard; the keyboard's copy still works.
      getSelection().selectAllChildren(code);
      say("Selected");
    }
  });

  // Looked up when they are needed: this runs before the list is there.
  const element = (id) => document.getElementById(id);
  const normal = (text) => text.toLowerCase().replace(/[-_.]+/g, "-");
  const MOST_OPENED = 200;  // files at which a filter no longer opens the versions that have hits
  let rows = null;
  let total = "";
  let opened = null;  // the versions that were open before the filter

  const find = () => {
    total = element("count").textContent;
    rows = Array.from(document.querySelectorAll("main :is(li, td) > a"), (link) => ({
      // A project is found by its summary, too.
      text: normal((link.closest("li") || link).textContent),
      row: link.closest("li, tr"),
      group: link.closest("details"),
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
    if (words.length && opened === null) {
      opened = new Set(Array.from(groups.keys()).filter((group) => group.open));
    }
    for (const [group, fits] of groups) {
      group.hidden = !fits;
      const open = words.length ? fits && shown <= MOST_OPENED : opened === null || opened.has(group);
      if (opened !== null && group.open !== open) group.open = open;
    }
    if (!words.length) opened = null;
    element("count").textContent =
      words.length ? (shown ? shown.toLocaleString("en") + " of " : "None of ") + total : total;
  };

  const share = () => {
    const url = new URL(location.href);
    const text = element("filter").value;
    if (text) url.searchParams.set("q", text);
    else url.searchParams.delete("q");
    history.replaceState(history.state, "", url);
  };

  document.addEventListener("DOMContentLoaded", () => {
    complete();
    const box = element("filter");
    if (!box) return;
    box.parentElement.hidden = false;
    box.addEventListener("input", () => { apply(); share(); });
    const asked = new URL(location.href).searchParams.get("q");
    if (asked) {
      box.value = asked;
      apply();
    }
    document.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/" && event.target !== box) {
        box.focus();
        box.select();
      } else if (event.key === "Escape" && box.value) {
        box.value = "";
        apply();
        share();
        box.focus();
      } else if (event.key === "Enter" && event.target === box) {
        const first = rows && rows.find(({ row }) => !row.hidden);
        if (first) {
          if (first.group) first.group.open = true;
          first.row.querySelector("a").focus();
        }
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
