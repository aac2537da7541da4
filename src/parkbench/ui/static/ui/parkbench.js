// Makes pages quicker to use. Everything here improves something that works without it.
(function () {
  "use strict";
  const root = document.documentElement;
  const word = (name) => document.getElementById("words")?.dataset[name] || "";

  function keep(key, value) {
    try { localStorage.setItem(key, value); } catch (blocked) { /* private windows keep nothing */ }
  }
  function kept(key) {
    try { return localStorage.getItem(key); } catch (blocked) { return null; }
  }

  // --- theme and density ---
  function markTheme() {
    const choice = kept("parkbench-theme") || "auto";
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }
  function markDensity() {
    for (const button of document.querySelectorAll("[data-density]")) {
      button.setAttribute("aria-pressed", String(root.classList.contains("is-dense")));
    }
  }

  // --- keys ---
  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeMenus(null);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") || kept("parkbench-keys") === "off") return;
    const search = { "/": "[data-site-search]", f: "[data-list-search]" }[event.key];
    const field = search && document.querySelector(search);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "?") {
      event.preventDefault();
      document.getElementById("shortcuts")?.showModal();
    }
  });

  // --- menus made of <details> close like menus ---
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu === except || menu.contains(except)) continue;
      if (menu.contains(document.activeElement) && except === null) menu.querySelector("summary").focus();
      menu.open = false;
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target.closest("details.menu") || target);
    const theme = target.closest("[data-theme-choice]");
    if (theme) {
      keep("parkbench-theme", theme.dataset.themeChoice);
      document.dispatchEvent(new Event("parkbench:theme"));
      markTheme();
    }
    if (target.closest("[data-density]")) {
      root.classList.toggle("is-dense");
      keep("parkbench-density", root.classList.contains("is-dense") ? "dense" : "roomy");
      markDensity();
    }
    const copier = target.closest("[data-copy]");
    if (copier) copy(document.getElementById(copier.dataset.copy));
    if (target.closest("[data-print]")) window.print();
    const opener = target.closest("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    askFirst(event);
  });

  function copy(field) {
    if (!field) return;
    field.focus();
    field.select();
    // Without the clipboard the text is selected: one key copies it.
    navigator.clipboard?.writeText(field.value).then(() => say(word("copied"), "success"), () => {});
  }

  // --- confirmation: the button's own words, then the same button once more ---
  let agreed = null;
  function askFirst(event) {
    const button = event.target.closest("[data-confirm]");
    const dialog = document.getElementById("confirm");
    if (!button || !dialog || agreed === button) { agreed = null; return; }
    event.preventDefault();
    dialog.querySelector("[data-confirm-text]").textContent = button.dataset.confirm;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      agreed = button;
      button.click();
    }, { once: true });
    dialog.showModal();
  }

  // --- bulk edit ---
  function countBulk(form) {
    const ticks = form.querySelectorAll('input[name="uid"]');
    const on = form.querySelectorAll('input[name="uid"]:checked').length;
    const all = form.querySelector("[data-select-all]");
    const count = form.querySelector("[data-bulk-count]");
    if (all) {
      all.checked = on > 0 && on === ticks.length;
      all.indeterminate = on > 0 && on < ticks.length;
    }
    if (count) count.textContent = on + " " + word("selected");
    form.classList.toggle("has-selection", on > 0);
    for (const button of form.querySelectorAll('button[name="action"]')) button.disabled = on === 0;
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      for (const tick of form.querySelectorAll('input[name="uid"]')) tick.checked = event.target.checked;
    }
    if (event.target.matches("[data-keys]")) keep("parkbench-keys", event.target.checked ? "on" : "off");
    if (form.matches("[data-bulk]")) countBulk(form);
    if (form.matches("[data-autosubmit]")) form.requestSubmit();
  });

  // --- forms with unsaved changes ---
  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-dirty-check]");
    if (form) dirty.add(form);
  });
  document.addEventListener("submit", (event) => dirty.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    for (const form of dirty) if (form.isConnected) { event.preventDefault(); return; }
  });

  // --- what the page says ---
  function say(text, tone) {
    const place = document.getElementById("messages");
    if (!place || !text) return;
    const note = document.createElement("div");
    note.className = "notice notice-" + (tone || "info");
    note.textContent = text;
    place.replaceChildren(note);
  }
  document.addEventListener("htmx:sendError", () => say(word("failed"), "error"));
  document.addEventListener("htmx:responseError", () => say(word("failed"), "error"));

  function ready() {
    markTheme();
    markDensity();
    const keys = document.querySelector("[data-keys]");
    if (keys) keys.checked = kept("parkbench-keys") !== "off";
    for (const form of document.querySelectorAll("form[data-bulk]")) countBulk(form);
    document.querySelector("[data-focus]")?.focus();
  }
  document.addEventListener("htmx:afterSettle", () => {
    markDensity();
    for (const form of document.querySelectorAll("form[data-bulk]")) countBulk(form);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) ready(); });
  ready();
})();
