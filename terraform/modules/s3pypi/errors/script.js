"use strict";
// The name itself is all that is known here: suggest its normalized spelling, if that is another one.
(() => {
  const segments = location.pathname.split("/").filter(Boolean);
  let name;
  try {
    name = decodeURIComponent(segments.pop() || "");
  } catch {
    return;
  }
  const normal = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  if (document.title.slice(0, 3) !== "404" || !normal || normal === name) return;
  const suggestion = document.getElementById("suggestion");
  const link = suggestion.firstElementChild;
  link.href = "/" + [...segments, normal, ""].join("/");
  link.textContent = normal;
  suggestion.hidden = false;
})();
