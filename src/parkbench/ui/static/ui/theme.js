// Sets light or dark before the first paint; the choice is kept in this browser only.
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function kept(key) {
    try { return localStorage.getItem(key); } catch (blocked) { return null; }
  }
  function apply() {
    const choice = kept("parkbench-theme");
    const isDark = choice === "dark" || (choice !== "light" && dark.matches);
    root.setAttribute("data-bs-theme", isDark ? "dark" : "light");
  }
  root.classList.add("has-script");
  if (kept("parkbench-density") === "dense") root.classList.add("is-dense");
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("parkbench:theme", apply);
})();
