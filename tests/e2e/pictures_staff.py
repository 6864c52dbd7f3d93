def check(s,n): pass
def accept(s,n): pass
def secretariat(s,n): pass
def judge(s,v): pass
def event(s,v): pass
